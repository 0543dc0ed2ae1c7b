//! `--redact`: identities become stable names, everywhere alike; and secrets are dropped always.
//!
//! 1. **See.** A [`Collector`] is shown every text of the evidence and finds identities by where they
//!    stand: `\\host\share`, `DOMAIN\user`, `C:\Users\name`, the attribute `hostName`.
//! 2. **Name.** Each kind counts in the sorted order of the originals: `HOST-01`, `USER-02`. The same
//!    evidence gives the same names, whatever the order of arguments.
//! 3. **Apply.** [`Redaction::apply`] replaces in a text what stands as an identity, and every original
//!    wherever it stands as a word, the longest first. Words of prose and names of two letters are
//!    replaced only where they stand as a name.
//!
//! A text is looked at by what its place is ([`Field`]): the name of a package has versions, the path
//! of a file has folders and no users, the path of evidence may have a folder called like a host.
//!
//! GUIDs, hashes, times and versions stay. So do addresses of this computer and of no network, and
//! accounts that every Windows has. What an identity is rests on common forms, not on the product: a
//! name that never stands as one is not known to be one.
//!
//! The texts are replaced in the case and its events, behind the analysis and before anything is
//! drawn or written, so a verdict cannot depend on it and no output can be forgotten.

mod address;
mod ends;
mod find;
mod map;
mod people;
mod rules;
mod secrets;
mod view;
pub mod walk;
mod words;

pub use find::Kind;
pub use map::is_map_head;
pub use secrets::{hints_at_secrets, prepare_secrets, without_secrets};
pub use walk::Field;

use aho_corasick::AhoCorasick;
use base64::Engine;
use find::{Found, What};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use view::View;

/// What stands instead of base64 that holds an identity.
const HIDDEN: &str = "[redacted]";
/// What stands between a name and a number that was glued to the original.
const GLUE: char = '_';
/// Where excerpts are cut, in characters: a name may end there in its middle.
const CUTS: [usize; 2] = [300, 2_000];
/// Base64 that is shorter holds no name that counts.
const SHORTEST_BASE64: usize = 12;

/// Sees texts and gathers the identities in them.
#[derive(Default)]
pub struct Collector {
    found: BTreeSet<(Kind, String)>,
    /// Addresses that could be versions.
    maybe: BTreeSet<String>,
    /// What stands as a version somewhere.
    versions: BTreeSet<String>,
    /// `a\b` that is a user if `a` is a domain or a host.
    pairs: BTreeSet<(String, String)>,
    /// `A\b` that is a user if it is no path.
    accounts: BTreeSet<(String, String)>,
    /// `a\b` that is a path.
    paths: BTreeSet<(String, String)>,
    /// Who does something by a sentence.
    somebody: BTreeSet<String>,
    /// Names that are shown of people.
    persons: BTreeSet<String>,
    /// Words of the names of packages.
    products: BTreeSet<String>,
    /// Names like ours that the evidence has already.
    taken: BTreeSet<String>,
}

impl Collector {
    /// Sees one text.
    pub fn see(&mut self, field: Field, text: &str) {
        if field == Field::Name {
            let lower = text.to_lowercase();
            let words = lower.split(|one: char| !one.is_alphanumeric());
            self.products.extend(words.map(str::to_owned));
        }
        self.see_plain(field, text);
        for view in View::all(text) {
            self.see_plain(field, &view.text);
        }
    }

    fn see_plain(&mut self, field: Field, text: &str) {
        for one in find::find(field, text) {
            let pairs = match one.what {
                What::Identity(kind) => {
                    self.found.insert((kind, one.original));
                    continue;
                }
                What::MaybeIp => {
                    self.maybe.insert(one.original);
                    continue;
                }
                What::Keep => {
                    self.versions.insert(one.original);
                    continue;
                }
                What::Somebody => {
                    self.somebody.insert(one.original);
                    continue;
                }
                What::Person => {
                    self.persons.insert(one.original);
                    continue;
                }
                What::MaybeMac => continue,
                What::MaybeUser => &mut self.pairs,
                What::Account => &mut self.accounts,
                What::Path => &mut self.paths,
            };
            if let Some((first, second)) = one.original.split_once('\\') {
                pairs.insert((first.to_owned(), second.to_owned()));
            }
        }
        for kind in Kind::ALL {
            let head = format!("{}-", kind.name());
            for (at, _) in text.match_indices(&head) {
                let digits = text[at + head.len()..]
                    .bytes()
                    .take_while(u8::is_ascii_digit)
                    .count();
                self.taken
                    .insert(text[at..at + head.len() + digits].to_owned());
            }
        }
    }

    /// Gives every identity its name.
    pub fn name(mut self) -> Redaction {
        let is = |kind: Kind, name: &str| (kind, name.to_owned());
        for (domain, user) in self.accounts.difference(&self.paths) {
            // `AGENT\PACKAGE` are words, `CORP\is` is somebody.
            let is_word = |name: &str| name.len() > 4 && words::is_word(name);
            if words::is_well_known(domain) || is_word(domain) && is_word(user) {
                continue;
            }
            self.found.insert(is(Kind::Domain, domain));
            match user.strip_suffix('$') {
                // The account of a computer.
                Some(host) => self.found.insert(is(Kind::Host, host)),
                None if words::is_well_known(user) => false,
                None => self.found.insert(is(Kind::User, user)),
            };
        }
        // A part of a mail address is a user, and what stands behind it a domain.
        let mails: Vec<String> = self.of(Kind::Mail).collect();
        for (user, domain) in mails.iter().filter_map(|mail| mail.split_once('@')) {
            for (kind, name) in [(Kind::User, user), (Kind::Domain, domain)] {
                let known = [Kind::Host, Kind::Domain, Kind::User]
                    .iter()
                    .any(|kind| self.found.contains(&is(*kind, name)));
                if !known
                    && !words::is_common(name)
                    && !words::is_well_known(name)
                    && !words::is_vendors(name)
                {
                    self.found.insert(is(kind, name));
                }
            }
        }
        for (domain, user) in self.pairs.difference(&self.paths) {
            // `Altiris Agent\Package Delivery` is a path, whatever host is called `agent`.
            let known = self.found.contains(&is(Kind::Domain, domain))
                || !words::is_word(domain) && self.found.contains(&is(Kind::Host, domain));
            if known && !words::is_well_known(user) && !user.ends_with('$') {
                self.found.insert(is(Kind::User, user));
            }
        }
        let persons = std::mem::take(&mut self.persons);
        for person in persons {
            let of_product = |word: &str| self.products.contains(word);
            if !person.split([' ', ',', '-']).any(of_product) {
                self.found.insert((Kind::User, person));
            }
        }
        self.name_parts();
        // A host before a user is a host, and a host's name is nobody's.
        let hosts: BTreeSet<String> = self.of(Kind::Host).collect();
        let domains: BTreeSet<String> = self.of(Kind::Domain).collect();
        self.found.retain(|(kind, name)| match kind {
            Kind::Domain => !hosts.contains(name),
            Kind::User => !hosts.contains(name) && !domains.contains(name),
            _ => true,
        });
        for address in &self.maybe {
            let is_address = self.found.contains(&is(Kind::Ip, address));
            if is_address || !self.versions.contains(address) {
                self.found.insert(is(Kind::Ip, address));
            }
        }
        let mut only_there = BTreeSet::new();
        for name in std::mem::take(&mut self.somebody) {
            let known = [Kind::Host, Kind::Domain, Kind::User]
                .iter()
                .any(|kind| self.found.contains(&is(*kind, &name)));
            if !known && !self.products.contains(&name) {
                self.found.insert(is(Kind::User, &name));
                only_there.insert(name);
            }
        }
        let mut redaction = Redaction::new(&self.found, &self.taken, only_there);
        redaction.shares = self.paths;
        redaction
    }

    /// `Anna Schmidt` is also called `Anna`, and `Schmidt`.
    fn name_parts(&mut self) {
        let whole: Vec<String> = self.of(Kind::User).collect();
        for part in whole
            .iter()
            .filter(|name| name.contains(' '))
            .flat_map(|name| name.split([' ', ',', '\\']))
        {
            if !words::is_common(part)
                && !words::is_well_known(part)
                && part.starts_with(char::is_alphabetic)
            {
                self.found.insert((Kind::User, part.to_owned()));
            }
        }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = String> {
        let all = self.found.iter().filter(move |one| one.0 == kind);
        all.map(|one| one.1.clone())
    }
}

/// The names of all identities of a case.
pub struct Redaction {
    names: BTreeMap<(Kind, String), String>,
    /// Originals that are replaced wherever they stand as a word.
    words: AhoCorasick,
    of_word: Vec<String>,
    /// Users that are replaced only where a sentence says that somebody stands.
    only_there: BTreeSet<String>,
    /// `srv\share` that stands as one.
    shares: BTreeSet<(String, String)>,
}

impl Redaction {
    fn new(
        found: &BTreeSet<(Kind, String)>,
        taken: &BTreeSet<String>,
        only_there: BTreeSet<String>,
    ) -> Redaction {
        let mut names = BTreeMap::new();
        for kind in Kind::ALL {
            let mut number = 0_u32;
            for one in found.iter().filter(|one| one.0 == kind) {
                let name = loop {
                    number += 1;
                    let name = format!("{}-{number:02}", kind.name());
                    // One that the evidence uses itself would read as two things.
                    if !taken.contains(&name) {
                        break name;
                    }
                };
                names.insert(one.clone(), name);
            }
        }
        let (mut words, mut of_word) = (vec![], vec![]);
        for ((kind, original), name) in &names {
            let everywhere = matches!(kind, Kind::Host | Kind::Domain | Kind::User);
            if !everywhere || words::is_common(original) || only_there.contains(original) {
                continue;
            }
            words.push(original.clone());
            of_word.push(name.clone());
            // The search folds ASCII only.
            if !original.is_ascii() {
                words.push(original.to_uppercase());
                of_word.push(name.clone());
            }
        }
        // More words than the search can hold are none that a case has.
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words);
        Redaction {
            names,
            words: words.unwrap_or_else(|_| {
                AhoCorasick::new([""; 0]).unwrap_or_else(|_| unreachable!("no word is too many"))
            }),
            of_word,
            only_there,
            shares: BTreeSet::new(),
        }
    }

    /// Every original with its name, by kind and original.
    pub fn names(&self) -> impl Iterator<Item = (Kind, &str, &str)> {
        self.names
            .iter()
            .map(|((kind, original), name)| (*kind, original.as_str(), name.as_str()))
    }

    /// The text with names in place of identities, if it has any.
    ///
    /// ```
    /// use pkgtrail::redact::{Collector, Field};
    /// let mut seen = Collector::default();
    /// seen.see(Field::Text, r"C:\Users\anna on \\PS01\PkgShare");
    /// let redaction = seen.name();
    /// let told = redaction.apply(Field::Text, "anna at ps01, not PS010");
    /// assert_eq!(told.as_deref(), Some("USER-01 at HOST-01, not PS010"));
    /// ```
    pub fn apply(&self, field: Field, text: &str) -> Option<String> {
        let mut now = self.replaced(text, field, text, None);
        for depth in 0.. {
            let plain = now.as_deref().unwrap_or(text);
            let views = View::all(plain);
            let Some(view) = views.get(depth) else {
                break;
            };
            now = self.replaced(&view.text, field, plain, Some(view)).or(now);
        }
        let plain = now.as_deref().unwrap_or(text);
        self.without_base64(plain).or(now)
    }

    /// Replaces in `written` what is found in `read`.
    fn replaced(
        &self,
        read: &str,
        field: Field,
        written: &str,
        view: Option<&View>,
    ) -> Option<String> {
        let mut places = self.places(field, read);
        if places.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(written.len());
        let mut done = 0;
        for (place, name) in &mut places {
            let place = view.map_or_else(|| place.clone(), |view| view.written(place));
            out += &written[done..place.start];
            out += name;
            done = place.end;
            // `srvq6` is no `HOST-096`, which would be another host.
            if name.ends_with(|one: char| one.is_ascii_digit())
                && written[done..].starts_with(|one: char| one.is_ascii_digit())
            {
                out.push(GLUE);
            }
        }
        out += &written[done..];
        (out != written).then_some(out)
    }

    /// Where names go: in order, not overlapping, the longest of those that begin first.
    fn places(&self, field: Field, text: &str) -> Vec<(Range<usize>, &str)> {
        let found = find::find(field, text);
        let kept: Vec<Range<usize>> = found
            .iter()
            .filter(|one| one.what == What::Keep)
            .map(|one| one.place.clone())
            .collect();
        let mut all: Vec<(Range<usize>, &str)> = vec![];
        for one in &found {
            all.extend(self.of_found(one).map(|name| (one.place.clone(), name)));
            if matches!(one.what, What::MaybeUser | What::Account) {
                all.extend(self.of_pair(text, one));
            }
        }
        if field == Field::Path {
            all.extend(self.of_folders(text));
        }
        for word in self.words.find_overlapping_iter(text) {
            let place = word.start()..word.end();
            let inside = |kept: &Range<usize>| kept.start < place.end && place.start < kept.end;
            if stands_alone(text, &place) && !kept.iter().any(inside) {
                all.push((place, &self.of_word[word.pattern().as_usize()]));
            }
        }
        if CUTS.contains(&text.chars().count()) {
            all.extend(self.cut(text));
        }
        all.retain(|(place, _)| place.start < place.end);
        // Of one place, the name of the kind that comes first.
        all.sort_by(|a, b| {
            (a.0.start, std::cmp::Reverse(a.0.end)).cmp(&(b.0.start, std::cmp::Reverse(b.0.end)))
        });
        let mut end = 0;
        all.retain(|(place, _)| {
            let first = place.start >= end;
            if first {
                end = place.end;
            }
            first
        });
        all
    }

    /// The beginning of an original at the end of a text that is cut there.
    fn cut(&self, text: &str) -> Option<(Range<usize>, &str)> {
        let mut best: Option<(Range<usize>, &str)> = None;
        for (kind, original, name) in self.names() {
            let everywhere = matches!(kind, Kind::Host | Kind::Domain | Kind::User);
            if !everywhere || words::is_common(original) || self.only_there.contains(original) {
                continue;
            }
            let longest = best.as_ref().map_or(3, |(place, _)| place.len() + 1);
            let ends = |length: &usize| {
                let from = text.len().checked_sub(*length);
                let tail = from.and_then(|from| text.get(from..));
                let is_it = tail
                    .zip(original.get(..*length))
                    .is_some_and(|(tail, head)| tail.eq_ignore_ascii_case(head));
                is_it && from.is_some_and(|from| stands_alone(text, &(from..text.len())))
            };
            if let Some(length) = (longest..original.len()).rev().find(ends) {
                best = Some((text.len() - length..text.len(), name));
            }
        }
        best
    }

    fn of_found(&self, one: &Found) -> Option<&str> {
        let kinds: &[Kind] = match one.what {
            What::Identity(Kind::Domain) => &[Kind::Domain, Kind::Host],
            What::Identity(Kind::User) | What::Somebody | What::Person => {
                &[Kind::User, Kind::Host, Kind::Domain]
            }
            What::Identity(Kind::Host) => &[Kind::Host, Kind::Domain],
            What::Identity(kind) => return self.get(kind, &one.original),
            What::MaybeIp => &[Kind::Ip],
            What::MaybeMac => &[Kind::Mac],
            What::Keep | What::MaybeUser | What::Account | What::Path => &[],
        };
        kinds.iter().find_map(|kind| self.get(*kind, &one.original))
    }

    /// Both parts of `CORP\is`, if the first is a domain or a host.
    fn of_pair(&self, text: &str, one: &Found) -> Vec<(Range<usize>, &str)> {
        let written = &text[one.place.clone()];
        let Some((domain, user)) = one.original.split_once('\\') else {
            return vec![];
        };
        let host = || {
            self.get(Kind::Host, domain)
                .filter(|_| !words::is_word(domain) || one.what == What::Account)
        };
        let first = self.get(Kind::Domain, domain).or_else(host);
        let second = match user.strip_suffix('$') {
            Some(host) => self.get(Kind::Host, host),
            None => self
                .get(Kind::User, user)
                .or_else(|| self.get(Kind::Host, user)),
        };
        let place = &one.place;
        let (Some(first), Some(second)) = (first, second) else {
            let is_share = self.shares.contains(&(domain.to_owned(), user.to_owned()));
            let first = first.or_else(|| self.get(Kind::Host, domain));
            let end = written.find('\\').map(|end| place.start + end);
            let first = first.zip(end).filter(|_| is_share);
            let named = first.map(|(first, end)| (place.start..end, first));
            return named.into_iter().collect();
        };
        if let Some(at) = written.find('@') {
            return vec![
                (place.start..place.start + at, second),
                (place.start + at + 1..place.end, first),
            ];
        }
        let ends = written.find('\\').zip(written.rfind('\\'));
        let Some((end, start)) = ends else {
            return vec![];
        };
        let behind = place.end - usize::from(user.ends_with('$'));
        vec![
            (place.start..place.start + end, first),
            (place.start + start + 1..behind, second),
        ]
    }

    /// Folders and archives in the path of evidence that are called like a host, also like a common word.
    fn of_folders(&self, path: &str) -> Vec<(Range<usize>, &str)> {
        let mut all = vec![];
        let mut start = 0;
        for part in path.split_inclusive(['/', '\\', '!']) {
            let name = part.trim_end_matches(['/', '\\', '!']);
            let (host, behind) = name.split_once('.').unwrap_or((name, ""));
            let lower = behind.to_lowercase();
            let fits = ["", "zip", "7z", "tar", "tar.gz", "tgz", "gz"].contains(&lower.as_str())
                || self.get(Kind::Domain, &lower).is_some();
            let named = self.get(Kind::Host, &host.to_lowercase());
            all.extend(
                named
                    .filter(|_| fits)
                    .map(|named| (start..start + host.len(), named)),
            );
            start += part.len();
        }
        all
    }

    fn get(&self, kind: Kind, original: &str) -> Option<&str> {
        self.names
            .get(&(kind, original.to_owned()))
            .map(String::as_str)
    }

    /// Hides base64 that reads as text with an identity or a secret: `-EncodedCommand`.
    fn without_base64(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut done = 0;
        let is_letter = |one: &u8| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/');
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let length = bytes[at..].iter().take_while(|one| is_letter(one)).count();
            if length >= SHORTEST_BASE64 && self.hides(&bytes[at..at + length]) {
                out += &text[done..at];
                out += HIDDEN;
                let signs = bytes[at + length..]
                    .iter()
                    .take_while(|one| **one == b'=')
                    .count();
                done = at + length + signs;
            }
            at += length.max(1);
        }
        (done > 0).then(|| out + &text[done..])
    }

    fn hides(&self, run: &[u8]) -> bool {
        let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
        (0..4).any(|skip| {
            let run = &run[skip..];
            // The last letters of a cut run are no whole byte.
            let whole = if run.len() % 4 == 1 {
                run.len() - 1
            } else {
                run.len()
            };
            let bytes = engine
                .decode(&run[..whole])
                .or_else(|_| engine.decode(&run[..whole / 4 * 4]));
            let Ok(bytes) = bytes else {
                return false;
            };
            readings(&bytes).iter().any(|text| {
                !self.places(Field::Text, text).is_empty() || without_secrets(text).is_some()
            })
        })
    }
}

/// Bytes as text, if they are some: UTF-8, or UTF-16 from either byte on.
fn readings(bytes: &[u8]) -> Vec<String> {
    let printable = |text: &str| {
        text.chars()
            .all(|one| !one.is_control() || one.is_whitespace())
    };
    let mut all = vec![];
    if let Ok(text) = std::str::from_utf8(bytes)
        && printable(text)
    {
        all.push(text.to_owned());
    }
    for skip in 0..2_usize {
        let rest = bytes.get(skip..).unwrap_or_default();
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .map(|two| u16::from_le_bytes([two[0], two[1]]))
            .collect();
        let latin = units.iter().all(|unit| *unit < 0x250);
        if let Ok(text) = String::from_utf16(&units)
            && latin
            && printable(&text)
        {
            all.push(text);
        }
    }
    all
}

/// Whether a place is a word: `PS1` neither in `PS10` nor in `xps1`. Where letters and digits or
/// small and capital letters meet, a longer word begins or ends: `PS01Agent`, `AnnaBackup`.
fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let long = place.len() >= 4;
    let joins = |left: Option<char>, right: Option<char>| {
        let (Some(left), Some(right)) = (left, right) else {
            return false;
        };
        let word = |one: char| one.is_alphanumeric();
        if !word(left) || !word(right) {
            return false;
        }
        let meets = left.is_ascii_digit() != right.is_ascii_digit()
            || left.is_lowercase() && right.is_uppercase();
        !(long && meets)
    };
    let before = text[..place.start].chars().next_back();
    let first = text[place.start..].chars().next();
    let last = text[..place.end].chars().next_back();
    let behind = text[place.end..].chars().next();
    !joins(before, first) && !joins(last, behind)
}

#[cfg(test)]
mod tests;
