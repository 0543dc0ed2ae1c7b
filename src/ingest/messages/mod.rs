//! The wording catalogue: what the sentences of the agent mean, how sure that is, and samples that prove it.
//!
//! Three sorts of entries, tried in this order:
//!
//! 1. Entries of the user (`--messages`), on the message as written.
//! 2. Confirmed wordings, on the message as written. No two of them match one sample.
//! 3. Families of assumed wordings, on the [shade] of the message, first match wins. The order of
//!    the table is the order of precedence: what failed is not finished, what finished is not
//!    started, and a passing mention of a state comes last.
//!
//! A family must not turn "could not be started" into a start. Two guards see to that: a family
//! about packages needs a package GUID, and each entry names the words that forbid it.

mod fact;
mod heard;
mod lanes;
mod name;
mod quiet;
mod remembered;
mod shade;
mod sieve;
mod spared;
mod table;
mod template;
mod whether;

pub use fact::{KINDS, http_status};
pub use heard::{Manner, is_counted};
pub use remembered::Remembered;
pub use table::MESSAGES;
use template::template_of;
pub use template::{as_entry, template};

use crate::model::room::make_room;
use crate::model::{Fact, PackageId, Wording};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use fact::Groups;
use heard::{Heard, Memory};
use lanes::Lanes;
use serde::Deserialize;
use sieve::{Shorts, Sieve};
use spared::{SPARED, holds_one};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use toml::Spanned;
use whether::Whether;

/// How well a built-in wording is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Word for word in an article; its number, or nothing where the notes do not give it.
    Confirmed(&'static str),
    /// Documented in prose, in the article of this number.
    Documented(&'static str),
    /// A guess at a family of wordings.
    Assumed,
}

impl Grade {
    fn is_confirmed(self) -> bool {
        matches!(self, Grade::Confirmed(_))
    }

    /// The wording that events of this grade carry.
    pub fn wording(self) -> Wording {
        match self {
            Grade::Confirmed(_) => Wording::Confirmed,
            Grade::Documented(_) => Wording::Documented,
            Grade::Assumed => Wording::Assumed,
        }
    }
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    /// Stands in the column `pattern`.
    pub name: &'static str,
    /// A name out of [`KINDS`].
    pub kind: &'static str,
    pub grade: Grade,
    /// A regex with named groups. Confirmed entries look at the message as written; families at its
    /// shade, and may use the abbreviations of [`ABBREVIATIONS`].
    pub pattern: &'static str,
    /// Words that forbid the entry where they stand before the end of the match; a regex over the shade.
    pub not_before: &'static str,
    /// Words that forbid the entry wherever they stand; a regex over the shade.
    pub nowhere: &'static str,
    /// Lower-case literals one of which must occur.
    pub needles: &'static [&'static str],
    pub samples: &'static [&'static str],
}

/// Abbreviations in the patterns of families.
pub const ABBREVIATIONS: &[(&str, &str)] = &[
    // A GUID, with the display name behind it, which is masked.
    (
        "%guid%",
        r"(?:['({\[]*G{36}['})\]]*(?: (?:- |['(\[]+)X+['\])]*)?)",
    ),
    (
        "%lost%",
        r"(?:missing|not found|not present|not (?:be )?found|(?:does|do|did) not exist|don't exist|doesn't exist|no longer (?:exists?|there|present)|gone|absent|lost|could not be found|cannot be found|can't be found|vanished|disappeared|not (?:on (?:the )?disk|there)(?: any ?more| any longer)?|nowhere (?:to be found|on disk)|no longer on (?:the )?disk)",
    ),
    // Words that make a state wished for, expected or denied.
    (
        "%unsure%",
        r"\bnot(?:[ _-]+(?:[^r]|r[^e]|re[^a]|rea[^d]|read[^y]))|\b(?:never|cannot|could|would|will|should|shall|may|might|must|until|unless|if|when|whether|once|before|skip\w*|no longer|ignor\w*|supported|allowed|client\w*|unable|desired|target|expect\w*)\b|n't\b|\bfail(?:s|ed|ure)? to\b|\bwait(?:s|ed|ing)? (?:for (?:the |its |a )?(?:state|status|package|G|\{G)|until)|\brequired? (?:state|status)|\bdownload (?:of|for) (?:file|snapshot)|\b(?:task|policy|program|service|server|site server|subnet|iis|web site|job|window|connection|virtual directory|share|codebase|certificate) (?:state|status)\b|\bclient\b",
    ),
    // States that are hardly ever said in another sense.
    (
        "%strong%",
        r"(?:not[ _-]?ready|ready|download[ _-]?pending|pending[ _-]?download|pending|downloading|download in progress|retrying(?:[ _-]?download)?|waiting[ _-]?(?:to|for)[ _-]?retry|invalid|aexswd_pkg_[a-z_]+)",
    ),
    (
        "%refresh%",
        r"(?:\brefresh(?:ing|ed)?:?(?: of| the| all)*[ -]packages|\brefreshpackages\w*(?:\([^)\n]*\))?|\bpackages?[ -]refresh(?:ing)?|\bpackage server refresh|\b(?:update|updating) packages|\bpackages? update cycle)'*(?: cycle| task| run| pass| round| job)?",
    ),
    // What a check that passed does not say; "none missing" is taken out before.
    (
        "%doubt%",
        r"\b(?:not|never|n't|cannot|could|will|would|should|if|whether|until|unless|when|fail\w*|errors?|mismatch\w*|skip\w*|unable|wrong|differs?|different|differences?|but|except|clients?|certificate|signature|partial\w*|partly|warnings?|start\w*|begin\w*|wants|wanted|expects?|expected|instead|rather|bad|corrupt\w*|damage\w*|missing|absent|lost|gone|vanished|incomplete|unequal|disagree\w*|deviat\w*|altered|modified|tampered|unexpected|invalid|unsuccessful|repair\w*|last|previous\w*|earlier|due|being|see|only|some|half|shorter|longer|smaller|larger|pending|remaining|remain)\b|\b\d+ more\b|\d+ ?(?:of|/) ?\d+|\bto be (?:verif|check|validat)|\bfile '|\b(?:hash|checksum|size) (?:of|for) '|\bsnapshot(?:'s)?(?:\.xml)? (?:hash|signature|checksum|is valid|(?:is |was |has been )?(?:verified|validated|ok)\b)|\b(?:hash|checksum|validity|verif\w+|validat\w+|integrity) (?:of )?(?:the )?snapshot\b|\b(?:version|status|state|access|rights|permission|space|connection|network|configuration|codebase) (?:check|verif|validat)",
    ),
    (
        "%state%",
        r"(?:not[ _-]?ready|ready|download[ _-]?pending|pending[ _-]?download|pending|downloading|download in progress|retrying(?:[ _-]?download)?|waiting[ _-]?(?:to|for)[ _-]?retry|invalid|deleted|unassigned|assigned|unknown|aexswd_pkg_[a-z_]+)",
    ),
    // What may follow a state word; "ready in 5 minutes" and "invalid hash" are no states.
    (
        "%end%",
        r"(?:['\])]| *\(| *[.,;|]|[ \t]*\r?$|[ \t]*[-=]+>|[ \t]+(?:from|old|was|previous|previously|former|formerly|since|because|after|now|again|\[|-+)(?:[ \[]|$)|[ \t]+\w+[=:]|[ \t]+(?:state|status)\b)",
    ),
    // A place: absolute or UNC. Blanks in it are masked.
    ("%place%", r"(?:[a-z]:[\\/]|\\\\)[^\s'<>|,;()]+"),
    // A place that packages come from, which may be a web address.
    ("%source%", r"(?:[a-z]:[\\/]|\\\\|https?://)[^\s'<>|,;()]+"),
    // A file: a quoted or absolute path, or a name with an ending.
    ("%file%", r"[^\s'<>|,;()]*[\\/.X][^\s'<>|,;()]*"),
    // Words without weight between subject and predicate.
    (
        "%gap%",
        r"(?:[\s:,({\[})\]'-]|X|\b(?:for|of|the|this|package|file|is|was|has|been|on|disk|its|local|any|a)\b|G{36}|0x[0-9a-f]+|[\\/.]X)*?",
    ),
];

/// What a message was recognised as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub fact: Fact,
    pub package: Option<PackageId>,
    /// The package's display name, where the message gives it.
    pub name: Option<Box<str>>,
    /// The name of the entry.
    pub pattern: Arc<str>,
    pub wording: Wording,
}

/// The built-in entries and those of the user, ready for use by several threads at once.
pub struct Catalogue {
    user: Vec<UserEntry>,
    names: Vec<Arc<str>>,
    memory: Memory,
    /// What threads remembered that have ended.
    spare: Mutex<Vec<Remembered>>,
    is_counting: bool,
}

struct UserEntry {
    name: Arc<str>,
    kind: String,
    pattern: regex::Regex,
}

/// The compiled form of a built-in entry; compiled when a message first may match it: a needle occurs, and
/// one of its words in [`SPARED`].
enum Compiled {
    Raw(Lanes<regex::Regex>),
    Family {
        pattern: Lanes<regex::bytes::Regex>,
        not_before: Guard,
        nowhere: Guard,
    },
}

/// Words that forbid an entry; compiled when a pattern first matches, which most never do. Several
/// entries have the same.
struct Guard(Option<(&'static str, &'static OnceLock<Whether>)>);

static GUARDS: LazyLock<BTreeMap<&'static str, OnceLock<Whether>>> = LazyLock::new(|| {
    let all = MESSAGES
        .iter()
        .flat_map(|one| [one.not_before, one.nowhere]);
    all.map(|words| (words, OnceLock::new())).collect()
});

impl Guard {
    /// None for no words.
    fn of(words: &'static str) -> Guard {
        let compiled = GUARDS.get(words).filter(|_| !words.is_empty());
        Guard(compiled.map(|compiled| (words, compiled)))
    }

    fn forbids(&self, shade: &[u8]) -> bool {
        self.0.is_some_and(|(words, compiled)| {
            let compile = || Whether::of(&expanded(words));
            compiled.get_or_init(compile).is_match(shade)
        })
    }
}

/// A message, with its shade and the package in it once somebody asks for them.
pub struct Sentence<'m> {
    text: &'m str,
    shade: OnceCell<Vec<u8>>,
    package: OnceCell<Option<(PackageId, bool)>>,
}

impl<'m> Sentence<'m> {
    pub fn new(text: &'m str) -> Sentence<'m> {
        Sentence {
            text,
            shade: OnceCell::new(),
            package: OnceCell::new(),
        }
    }

    fn shade(&self) -> &[u8] {
        self.shade.get_or_init(|| shade::shade(self.text))
    }

    /// The package that it names, and whether that is plausible.
    fn named(&self) -> Option<(PackageId, bool)> {
        let look = || fact::package_of(self.text, self.shade());
        *self.package.get_or_init(look)
    }

    /// The package that it names although no entry knows its wording. A GUID that is called a
    /// policy or a task is none, nor is one in an `Id:` line.
    pub fn package(&self) -> Option<PackageId> {
        PackageId::find(self.text)?;
        let named = self.named().filter(|(_, plausible)| *plausible);
        named.map(|(id, _)| id)
    }

    /// Whether a message without a package GUID comes so near to what packages do that a reader should
    /// see it among the wordings that were not recognised.
    pub fn is_near_family(&self) -> bool {
        static NEAR: LazyLock<Whether> = LazyLock::new(|| {
            let things = r"(?:packages?|pkggroup\w*|downloads?|downloading|downloaded|snapshots?)";
            let deeds = r"(?:refresh|delet|remov|clean|purg|expir|assign|mark|verif|check|miss|found|start|begin|finish|complet|fail|error|ended|resum|retr|queue|schedul|chang|receiv|updat|state|status|ready|pending|invalid|download(?:ed|ing))";
            Whether::of(&format!(
                r"\b{things}\b[^\n]*?\b{deeds}|\b{deeds}\w*\b[^\n]*?\b{things}\b"
            ))
        });
        NEAR.is_match(self.shade())
    }
}

/// An entry of [`MESSAGES`], ready for use once somebody asks for it.
struct Entry {
    form: OnceLock<Option<Compiled>>,
    /// Whether a thread compiles it or has done so.
    is_begun: AtomicBool,
    /// Its words in [`SPARED`], if it has any.
    spared: Vec<&'static str>,
    /// How often they were looked for.
    asked: AtomicU32,
}

static COMPILED: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |message: &Message| {
        let spared = SPARED.iter().filter(|(name, _)| *name == message.name);
        Entry {
            form: OnceLock::new(),
            is_begun: AtomicBool::new(false),
            spared: spared.flat_map(|(_, words)| words.split('|')).collect(),
            asked: AtomicU32::new(0),
        }
    };
    MESSAGES.iter().map(entry).collect()
});

/// The needles of all entries, and which entries each belongs to.
struct Needles {
    search: Search,
    owners: Vec<Vec<usize>>,
}

/// How needles are looked for.
enum Search {
    /// With the numbers of the needles in it, and those that are too short to be worth a look at
    /// more places.
    Sieve(Box<Sieve>, Vec<usize>, Shorts),
    /// Some needles are too short for a sieve.
    Automaton(AhoCorasick),
    /// There are none, or they cannot be looked for.
    Nothing,
}

impl Search {
    fn of(words: &[&str]) -> Search {
        let (long, short): (Vec<_>, Vec<_>) = (0..)
            .zip(words.iter().copied())
            .partition(|(_, word)| word.len() >= sieve::LONG);
        if let Some(shorts) = Shorts::of(&short) {
            let (numbers, words): (Vec<_>, Vec<_>) = long.into_iter().unzip();
            if let Some(sieve) = Sieve::of(&words) {
                return Search::Sieve(Box::new(sieve), numbers, shorts);
            }
        }
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words);
        built.map_or(Search::Nothing, Search::Automaton)
    }

    /// Whether one of the needles in `text`, by its number, is a wanted one.
    fn finds(&self, text: &[u8], mut wanted: impl FnMut(usize) -> bool) -> bool {
        match self {
            Search::Sieve(sieve, numbers, shorts) => {
                sieve.each(text, |at| wanted(numbers[at])) || shorts.each(text, wanted)
            }
            Search::Automaton(search) => search
                .find_overlapping_iter(text)
                .any(|hit| wanted(hit.pattern().as_usize())),
            Search::Nothing => false,
        }
    }

    /// Calls `each` with the number of each needle in `text`.
    fn each(&self, text: &[u8], mut each: impl FnMut(usize)) {
        match self {
            Search::Sieve(..) => drop(self.finds(text, |number| {
                each(number);
                false
            })),
            Search::Automaton(search) => search
                .find_overlapping_iter(text)
                .for_each(|hit| each(hit.pattern().as_usize())),
            Search::Nothing => {}
        }
    }
}

/// Needles of entries that may match without a package GUID, and of those that may not.
static NEEDLES: [LazyLock<Needles>; 2] = [
    LazyLock::new(|| Needles::of(false)),
    LazyLock::new(|| Needles::of(true)),
];

impl Needles {
    fn of(about_package: bool) -> Needles {
        let mut owned: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, message) in MESSAGES.iter().enumerate() {
            if needs_package(message) == about_package {
                for needle in message.needles {
                    owned.entry(needle).or_default().push(index);
                }
            }
        }
        let (words, owners): (Vec<&str>, _) = owned.into_iter().unzip();
        Needles {
            search: Search::of(&words),
            owners,
        }
    }
}

/// Families about a package are believed only beside a package GUID: "Status: Ready" of some other
/// part of the agent is not about a package.
fn needs_package(message: &Message) -> bool {
    let anybody = [
        "refresh-started",
        "refresh-finished",
        "operator",
        "agent-started",
        "agent-stopped",
        "client-delivery",
        "network-failed",
        "times-corrected",
    ];
    !message.grade.is_confirmed() && !anybody.contains(&message.kind)
}

/// Whether a message in which a needle of an entry stands is worth a try. Operations that did not
/// fail are told a thousand times as often as those that did.
fn is_worth_a_try(owner: usize, message: &[u8]) -> bool {
    const FAILED: &[u8] = b"failed";
    if MESSAGES.get(owner).map(|entry| entry.name) != Some("operation-failed") {
        return true;
    }
    let is_there = |at: usize| {
        let word = message.get(at..at + FAILED.len());
        word.is_some_and(|word| word.eq_ignore_ascii_case(FAILED))
    };
    // A place may be one where something is deleted.
    memchr::memchr(b'\\', message).is_some()
        || memchr::memchr2_iter(b'f', b'F', message).any(is_there)
}

/// The compiled form of an entry. Who would wait for another thread that compiles it compiles others
/// that are wanted soon.
fn compiled(index: usize) -> Option<&'static Compiled> {
    let Entry { form, is_begun, .. } = COMPILED.get(index)?;
    if form.get().is_none() && is_begun.swap(true, Ordering::Relaxed) {
        compile_usual(USUAL.iter().rev(), || form.get().is_none());
    }
    form.get_or_init(|| compile(MESSAGES.get(index)?)).as_ref()
}

/// Shades in which the words of an entry are looked for. To try its pattern takes less than that; it is
/// to compile it that takes long.
const MOST_ASKED: u32 = 256;

/// Whether the pattern of an entry, which is not compiled, matches no such shade.
fn is_spared(index: usize, shade: &[u8]) -> bool {
    let may_be = |one: &&Entry| one.form.get().is_none() && !one.spared.is_empty();
    let Some(entry) = COMPILED.get(index).filter(may_be) else {
        return false;
    };
    entry.asked.fetch_add(1, Ordering::Relaxed) < MOST_ASKED && !holds_one(shade, &entry.spared)
}

/// Bytes that compiled entries take.
const ROOM: usize = 1 << 20;

/// Entries that match something in most logs; those that take longest first.
const USUAL: [&str; 7] = [
    "refresh-started",
    "refresh-finished",
    "download-finished",
    "download-started",
    "snapshot-received",
    "progress",
    "block",
];

/// Compiles the usual entries, which takes as long as to read some megabytes.
pub fn prepare() {
    make_room(ROOM);
    LazyLock::force(&NEEDLES[1]);
    compile_usual(USUAL.iter(), || true);
}

/// Compiles those of them that nobody has begun, as long as `goes_on`.
fn compile_usual<'n>(names: impl Iterator<Item = &'n &'n str>, goes_on: impl Fn() -> bool) {
    let entries = names.filter_map(|name| {
        let mut entries = MESSAGES.iter().zip(COMPILED.iter());
        entries.find(|(message, _)| message.name == *name)
    });
    for (message, Entry { form, is_begun, .. }) in entries {
        if !goes_on() {
            return;
        }
        if !is_begun.swap(true, Ordering::Relaxed) {
            form.get_or_init(|| compile(message));
        }
    }
}

fn compile(message: &Message) -> Option<Compiled> {
    if message.grade.is_confirmed() {
        let pattern = regex::Regex::new(message.pattern).ok()?;
        return Some(Compiled::Raw(Lanes::of(pattern)));
    }
    Some(Compiled::Family {
        pattern: Lanes::of(shaded(message.pattern).ok()?),
        not_before: Guard::of(message.not_before),
        nowhere: Guard::of(message.nowhere),
    })
}

fn expanded(pattern: &str) -> String {
    let mut pattern = pattern.to_owned();
    for (short, long) in ABBREVIATIONS {
        pattern = pattern.replace(short, long);
    }
    pattern
}

fn shaded(pattern: &str) -> Result<regex::bytes::Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(&expanded(pattern))
        .unicode(false)
        .multi_line(true)
        .build()
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::new()
    }
}

impl Catalogue {
    /// The built-in entries.
    pub fn new() -> Self {
        Catalogue {
            user: Vec::new(),
            names: MESSAGES.iter().map(|message| message.name.into()).collect(),
            memory: Memory::default(),
            spare: Mutex::default(),
            is_counting: true,
        }
    }

    /// The same; whether the wordings of raw logs are counted, which only a list of them shows.
    #[must_use]
    pub fn counting(self, is_counting: bool) -> Self {
        Catalogue {
            is_counting,
            ..self
        }
    }

    /// The built-in entries and those of a message file. An error names the line and the entry,
    /// what is wrong, and what would be right.
    pub fn with_user(toml_text: &str, file_name: &str) -> Result<Self, String> {
        let line = |at: usize| {
            let before = toml_text.get(..at).unwrap_or(toml_text);
            memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1
        };
        let file: UserFile = toml::from_str(toml_text).map_err(|error| {
            let at = error.span().map_or(1, |span| line(span.start));
            let what = error.message().replace('\n', " ");
            format!(
                "{file_name}:{at}: {what}; each entry is `[[message]]` with the keys `name`, `kind`, `pattern` and `samples`"
            )
        })?;
        let mut catalogue = Catalogue::new();
        for entry in &file.message {
            let at = |what: &Spanned<String>| line(what.span().start);
            let name = entry.name.get_ref();
            let fail = |place: usize, what: String| {
                Err(format!("{file_name}:{place}: message `{name}`: {what}"))
            };
            if name.trim().is_empty() {
                return fail(
                    at(&entry.name),
                    "the name is empty; give it a name that the timeline can show".into(),
                );
            }
            if catalogue.user.iter().any(|other| *other.name == **name) {
                return fail(
                    at(&entry.name),
                    "the name stands twice in this file; give each entry its own".into(),
                );
            }
            let kind = entry.kind.get_ref();
            let Some((_, _, groups)) = KINDS.iter().find(|(known, ..)| known == kind) else {
                let known: Vec<&str> = KINDS.iter().map(|(known, ..)| *known).collect();
                return fail(
                    at(&entry.kind),
                    format!(
                        "kind `{kind}` is unknown; use one of {} (`pkgtrail messages --kinds` tells what they mean)",
                        known.join(", ")
                    ),
                );
            };
            let pattern = match regex::Regex::new(entry.pattern.get_ref()) {
                Ok(pattern) => pattern,
                Err(error) => {
                    let error = error.to_string();
                    let last = error.lines().last().unwrap_or_default();
                    let reason = last.trim().trim_start_matches("error: ");
                    return fail(
                        at(&entry.pattern),
                        format!(
                            "the pattern is no regular expression: {reason}; write it as the Rust crate `regex` reads it, in single quotes"
                        ),
                    );
                }
            };
            for group in pattern.capture_names().flatten() {
                let base = fact::base_name(group);
                if !groups.contains(&base) && !fact::EVERYWHERE.contains(&base) {
                    let known: Vec<&str> = fact::EVERYWHERE
                        .iter()
                        .chain(groups.iter())
                        .copied()
                        .collect();
                    return fail(
                        at(&entry.pattern),
                        format!(
                            "group `{group}` is unknown to kind `{kind}`; use {}, or a group without a name",
                            known.join(", ")
                        ),
                    );
                }
            }
            if entry.samples.is_empty() {
                return fail(at(&entry.name), "there is no sample; add `samples = [\"...\"]` with a line of the log that the pattern matches".into());
            }
            let compiled = UserEntry {
                name: name.as_str().into(),
                kind: kind.clone(),
                pattern,
            };
            for sample in &entry.samples {
                let text = sample.get_ref();
                if !compiled.pattern.is_match(text) {
                    return fail(
                        at(sample),
                        format!(
                            "the pattern does not match the sample `{text}`; correct the one or the other"
                        ),
                    );
                }
                if compiled.recognise(&Sentence::new(text)).is_none() {
                    return fail(
                        at(sample),
                        format!(
                            "the sample `{text}` gives no fact of kind `{kind}`; a named group that it needs ({}) is missing or holds no value that can be read",
                            groups.join(", ")
                        ),
                    );
                }
            }
            catalogue.user.push(compiled);
        }
        Ok(catalogue)
    }

    /// Whether it is worth while to decode `message`, which names no GUID, and to ask
    /// [`Catalogue::recognise`]. Whatever its digits are, the answer is the same.
    pub fn may_match(&self, message: &[u8]) -> bool {
        let [needles, _] = &NEEDLES;
        !self.user.is_empty()
            || needles.search.finds(message, |number| {
                let mut owners = needles.owners.get(number).into_iter().flatten();
                owners.any(|owner| is_worth_a_try(*owner, message))
            })
    }

    /// What `message` says, if its wording is known.
    pub fn recognise(&self, message: &str) -> Option<Found> {
        self.recognise_in(&Sentence::new(message))
    }

    fn recognise_in(&self, sentence: &Sentence<'_>) -> Option<Found> {
        let message = sentence.text;
        if let Some(found) = self.user.iter().find_map(|entry| entry.recognise(sentence)) {
            return Some(found);
        }
        let names_guid = PackageId::find(message).is_some();
        let mut candidates = [0_u64; MESSAGES.len().div_ceil(64)];
        for needles in NEEDLES.iter().take(if names_guid { 2 } else { 1 }) {
            needles.search.each(message.as_bytes(), |number| {
                for owner in needles.owners.get(number).into_iter().flatten() {
                    candidates[owner / 64] |= 1 << (owner % 64);
                }
            });
        }
        (0..MESSAGES.len())
            .filter(|index| candidates[index / 64] >> (index % 64) & 1 == 1)
            .find_map(|index| {
                // What is looked for in the message as written needs no shade to say no.
                if MESSAGES.get(index)?.grade.is_confirmed()
                    && let Compiled::Raw(pattern) = compiled(index)?
                    && !pattern.own().is_match(message)
                {
                    return None;
                }
                let (shade, package) = (sentence.shade(), sentence.named());
                let fact = recognise_one(index, message, shade, package)?;
                let entry = MESSAGES.get(index)?;
                Some(found(
                    fact,
                    message,
                    shade,
                    package.map(|(id, _)| id),
                    self.names.get(index)?.clone(),
                    entry.grade.wording(),
                ))
            })
    }
}

/// Whether the pattern of an entry, and not only its guards, reads a calm shade.
fn reads_calm(entry: &Message) -> bool {
    entry.kind == "verification-failed"
}

/// What the built-in entry `index` makes of the message.
fn recognise_one(
    index: usize,
    message: &str,
    shade: &[u8],
    package: Option<(PackageId, bool)>,
) -> Option<Fact> {
    let entry = MESSAGES.get(index)?;
    if needs_package(entry) && !package.is_some_and(|(_, plausible)| plausible)
        || is_spared(index, shade)
    {
        return None;
    }
    let mut matched = 0..0;
    let groups = match compiled(index)? {
        Compiled::Raw(pattern) => raw_groups(pattern.own(), message)?,
        Compiled::Family {
            pattern,
            not_before,
            nowhere,
        } => {
            // "No mismatch" and "36 of 36 blocks" say nothing bad; only these families may know.
            let calm = matches!(
                entry.kind,
                "download-finished" | "verification-passed" | "verification-failed"
            )
            .then(|| shade::calm(shade));
            let guarded = calm.as_deref().unwrap_or(shade);
            let read = if reads_calm(entry) { guarded } else { shade };
            let pattern = pattern.own();
            let captures = pattern.captures(read)?;
            matched = captures.get(0)?.range();
            let end = matched.end;
            if nowhere.forbids(guarded) || not_before.forbids(&shade[..end]) {
                return None;
            }
            let groups = pattern.capture_names().zip(captures.iter());
            Groups(
                groups
                    .filter_map(|(name, group)| Some((name?, message.get(group?.range())?)))
                    .collect(),
            )
        }
    };
    let fact = fact::build(entry.kind, &groups, message, shade)?;
    if entry.kind == "files-missing" && fact == Fact::VerificationPassed {
        // "0 of 9 files are missing, 2 are corrupt" passes nothing.
        let mut rest = shade::calm(shade);
        rest[matched].fill(b'X');
        return (!DOUBT.is_match(&rest)).then_some(fact);
    }
    Some(fact)
}

static DOUBT: LazyLock<Whether> = LazyLock::new(|| Whether::of(&expanded("%doubt%")));

fn raw_groups<'m>(pattern: &'m regex::Regex, message: &'m str) -> Option<Groups<'m>> {
    let captures = pattern.captures(message)?;
    let groups = pattern.capture_names().zip(captures.iter());
    Some(Groups(
        groups
            .filter_map(|(name, group)| Some((name?, group?.as_str())))
            .collect(),
    ))
}

fn found(
    fact: Fact,
    message: &str,
    shade: &[u8],
    package: Option<PackageId>,
    pattern: Arc<str>,
    wording: Wording,
) -> Found {
    Found {
        fact,
        package,
        name: package
            .and_then(|package| name::beside(message, shade, package))
            .or_else(|| fact::name_of(message, shade))
            .map(Into::into),
        pattern,
        wording,
    }
}

/// [`Sentence::package`] of a message.
pub fn package_in(message: &str) -> Option<PackageId> {
    Sentence::new(message).package()
}

/// The error code that a message gives: the last one, since reasons come first.
pub fn code_in(message: &str) -> Option<u32> {
    fact::find_code(message, &shade::shade(message))
}

/// The number of the attempt that a message names: `Attempt 2`.
pub fn attempt_in(message: &str) -> Option<u32> {
    fact::find_attempt(message, &shade::shade(message))
}

impl UserEntry {
    fn recognise(&self, sentence: &Sentence<'_>) -> Option<Found> {
        let message = sentence.text;
        let groups = raw_groups(&self.pattern, message)?;
        let shade = sentence.shade();
        let package = groups
            .get("package")
            .and_then(PackageId::find)
            .or_else(|| sentence.named().map(|(id, _)| id));
        let fact = fact::build(&self.kind, &groups, message, shade)?;
        let mut found = found(
            fact,
            message,
            shade,
            package,
            self.name.clone(),
            Wording::User,
        );
        if let Some(name) = groups.get("name") {
            found.name = Some(name.into());
        }
        Some(found)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserFile {
    #[serde(default)]
    message: Vec<UserMessage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserMessage {
    name: Spanned<String>,
    kind: Spanned<String>,
    pattern: Spanned<String>,
    #[serde(default)]
    samples: Vec<Spanned<String>>,
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trials;
