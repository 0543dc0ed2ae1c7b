//! What a listing shows of the disk: each folder under one path, however many junctions lead to it,
//! and names that the code page of a console spoilt.
//!
//! `dir /s` follows junctions, so one folder may stand under two paths; or it shows a link and does
//! not follow it. Paths are compared after every link whose target is shown was undone. What lies
//! behind a link that was not followed is unknown, never absent.

use crate::model::{Capture, Listing, path};
use std::collections::{BTreeMap, BTreeSet};

/// Links in links: more make a circle.
const MOST_LINKS: usize = 8;

/// One listing, ready to be compared.
pub struct Shown<'a> {
    pub listing: &'a Capture<Listing>,
    /// The folders' folded paths as they are listed.
    pub plain: Vec<String>,
    /// The same with links undone.
    pub folders: Vec<String>,
    /// Whether a link leads there.
    pub by_link: Vec<bool>,
    /// Folded paths of links, and where they lead if that is shown.
    links: BTreeMap<String, Option<String>>,
}

impl<'a> Shown<'a> {
    pub fn of(listing: &'a Capture<Listing>) -> Shown<'a> {
        let host = listing.server.as_deref();
        let plain: Vec<String> = listing
            .document
            .folders
            .iter()
            .map(|folder| path::fold(&folder.path, host))
            .collect();
        let mut links = BTreeMap::new();
        for (folder, place) in listing.document.folders.iter().zip(&plain) {
            for (at, name) in folder.links.iter().enumerate() {
                let target = folder
                    .targets
                    .get(at)
                    .map(|target| path::fold(target, host));
                let is_full =
                    |one: &String| one.starts_with(r"\\") || one.as_bytes().get(1) == Some(&b':');
                let link = path::fold(&format!("{place}\\{name}"), host);
                links.insert(link, target.filter(is_full));
            }
        }
        let mut shown = Shown {
            listing,
            plain: Vec::new(),
            folders: Vec::new(),
            by_link: Vec::new(),
            links,
        };
        for place in &plain {
            let (place, by_link) = shown.undo_links(place);
            shown.folders.push(place);
            shown.by_link.push(by_link);
        }
        shown.plain = plain;
        shown
    }

    /// A folded path with its links undone, and whether it goes through one. A link whose target is
    /// not shown stays.
    pub fn undo_links(&self, place: &str) -> (String, bool) {
        let (mut place, mut by_link) = (place.to_owned(), false);
        if self.links.is_empty() {
            return (place, false);
        }
        for _ in 0..MOST_LINKS {
            let ends = place.match_indices('\\').map(|(end, _)| end);
            let found = ends
                .chain([place.len()])
                .find_map(|end| Some((end, self.links.get(&place[..end])?)));
            let Some((end, target)) = found else { break };
            by_link = true;
            match target {
                Some(target) if *target != place[..end] => {
                    place = format!("{target}{}", &place[end..])
                }
                _ => break,
            }
        }
        (place, by_link)
    }

    /// The listed folder that a folded path means, where a code page spoilt its name. `None` if it
    /// may be one of several.
    pub fn spelled(&self, place: String) -> Option<String> {
        if place.is_ascii() || self.folders.iter().any(|one| path::within(one, &place)) {
            return Some(place);
        }
        let mut alike = self.folders.iter().filter(|one| could_be(&place, one));
        match alike.next() {
            None => Some(place),
            Some(one) => alike.all(|other| other == one).then(|| one.clone()),
        }
    }

    /// The listed paths with links undone, each once.
    pub fn distinct(&self) -> Vec<String> {
        let mut all = self.folders.clone();
        all.sort();
        all.dedup();
        all
    }

    /// Where the listing shows that a folder, which it does not list, is gone: its parent is shown
    /// whole, as often as it is shown, and does not name it.
    pub fn lacks(&self, place: &str) -> Option<usize> {
        let (parent, own) = place.rsplit_once('\\')?;
        let mut views = (0..self.folders.len()).filter(|at| self.folders[*at] == parent);
        let first = views.clone().next()?;
        let folders = &self.listing.document.folders;
        let gone = views.all(|at| {
            let folder = &folders[at];
            let mut names = folder.folders.iter().chain(&folder.links);
            let is_empty = folder.files.is_empty() && names.clone().next().is_none();
            folder.complete
                && !(self.by_link[at] && is_empty)
                && !names.any(|name| could_be(own, &file_name(name)))
        });
        (self.listing.document.counted && gone).then_some(first)
    }

    /// Whether the listing says what is in the folder of a file below `root`: it lists that folder,
    /// or a folder above it that does not name the next one on the way.
    pub fn covers(&self, name: &str, root: &str) -> bool {
        let listed = |place: &str| self.folders.iter().any(|one| one == place);
        let mut below = name;
        while let Some((above, own)) = below.rsplit_once('\\') {
            if listed(above) {
                return below == name || !self.names(above, own);
            }
            if above.len() <= root.len() {
                return false;
            }
            below = above;
        }
        false
    }

    /// Whether a listed folder names a sub-folder or a link.
    fn names(&self, place: &str, own: &str) -> bool {
        let folders = self.listing.document.folders.iter().zip(&self.folders);
        folders.filter(|(_, one)| *one == place).any(|(folder, _)| {
            let mut names = folder.folders.iter().chain(&folder.links);
            names.any(|name| could_be(own, &file_name(name)))
        })
    }

    /// Whether a file stands in its folder; `None` if the listing does not tell.
    pub fn holds(&self, place: &str) -> Option<bool> {
        let (parent, own) = place.rsplit_once('\\')?;
        let folders = &self.listing.document.folders;
        let views = || (0..folders.len()).filter(|at| self.folders[*at] == parent);
        let there = views().any(|at| {
            let mut files = folders[at].files.iter();
            files.any(|file| could_be(own, &file_name(&file.name)))
        });
        let whole = self.listing.document.counted
            && views().next().is_some()
            && views().all(|at| folders[at].complete);
        (there || whole).then_some(there)
    }
}

/// A folded file name as it may be part of a path: a backslash in it is half of a spoilt letter.
pub fn file_name(name: &str) -> String {
    name.to_lowercase().replace('\\', "\u{FFFD}")
}

/// Whether `listed` may be the name `own` after a code page spoilt it: letters that are not ASCII
/// may have become any others, a question mark, or letters without their accents.
///
/// ```
/// use pkgtrail::analysis::shown::could_be;
/// assert!(could_be("français.cab", "fran‡ais.cab"));
/// assert!(could_be("zażółć.cab", "zazólc.cab"));
/// assert!(could_be("表.cab", "•\u{FFFD}.cab"));
/// assert!(!could_be("français.cab", "francais2.cab"));
/// assert!(!could_be("francais.cab", "fran‡ais.cab"));
/// ```
pub fn could_be(own: &str, listed: &str) -> bool {
    if own == listed {
        return true;
    }
    if own.is_ascii() {
        return false;
    }
    let by_place = own.chars().count() == listed.chars().count()
        && own.chars().zip(listed.chars()).all(|(own, listed)| {
            if own.is_ascii() {
                own == listed
            } else {
                listed != '\\'
            }
        });
    by_place || mask(own) == mask(listed)
}

/// Listed names that may be others which a code page spoilt.
pub struct Spoilt<'a> {
    masks: BTreeSet<String>,
    /// By the number of their letters.
    by_length: BTreeMap<usize, Vec<&'a str>>,
}

impl<'a> Spoilt<'a> {
    pub fn of(names: impl Iterator<Item = &'a String>) -> Spoilt<'a> {
        let mut spoilt = Spoilt {
            masks: BTreeSet::new(),
            by_length: BTreeMap::new(),
        };
        for name in names {
            spoilt.masks.insert(mask(name));
            let alike = spoilt.by_length.entry(name.chars().count()).or_default();
            alike.push(name);
        }
        spoilt
    }

    /// Whether one of them [`could_be`] this one.
    pub fn may_hold(&self, own: &str) -> bool {
        let alike = || self.by_length.get(&own.chars().count());
        !own.is_ascii()
            && (self.masks.contains(&mask(own))
                || alike().is_some_and(|names| names.iter().any(|one| could_be(own, one))))
    }
}

/// A name with one mark for each run of letters that a code page may spoil.
fn mask(name: &str) -> String {
    let mut masked = String::with_capacity(name.len());
    for letter in name.chars() {
        let is_safe = letter.is_ascii() && letter != '?';
        if is_safe {
            masked.push(letter);
        } else if !masked.ends_with('\u{FFFD}') {
            masked.push('\u{FFFD}');
        }
    }
    masked
}
