//! `share-missing`: a package's location, or the share that it lies on, was told missing or unusable.
//!
//! Win32 53 and 67 (and 51, 55, 64, 1203) mean that a server or share cannot be found, 2 and 3 that
//! a folder cannot (179719, 179975). A refused source looks alike, so the record has to name the
//! package's own location or something above it.

use super::{Ground, Kind, named, sorted};
use crate::analysis::Story;
use crate::model::{Event, Fact, Finding, Wording, path};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "share-missing",
    about: "a package's location or its share was told missing or unusable",
    find,
};

/// Win32 errors of a server or share that cannot be found or used.
const SHARE: [u32; 6] = [51, 53, 55, 64, 67, 1203];
/// Win32 errors of a file or folder that cannot be found.
const FOLDER: [u32; 2] = [2, 3];
/// What a record without a code says of a share or folder that is not there.
const WORDS: [&str; 7] = [
    "does not exist",
    "not found",
    "cannot be found",
    "could not be found",
    "not accessible",
    "unavailable",
    "is missing",
];

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    // One share may be missed by many packages; it is one thing.
    let mut missed: BTreeMap<_, Vec<(&Event, &Story<'_>)>> = BTreeMap::new();
    let events = ground.evidence.events.iter();
    let nameless: Vec<Suspect<'_>> = events
        .filter(|event| event.package.is_none())
        .filter_map(|event| suspect(event, event.server.as_deref()))
        .collect();
    for story in ground.stories {
        let Some(places) = own_places(ground, story) else {
            continue;
        };
        let host = story.server.as_deref();
        let own = story.events.iter().filter_map(|event| suspect(event, host));
        let of_all = nameless
            .iter()
            .filter(|one| one.event.server == story.server);
        for one in own.collect::<Vec<_>>().iter().chain(of_all) {
            if let Some(place) = missing(one, &places) {
                missed
                    .entry((&story.server, place))
                    .or_default()
                    .push((one.event, story));
            }
        }
    }
    missed
        .into_iter()
        .map(|((server, place), records)| {
            let packages = sorted(records.iter().map(|(_, story)| story.package).collect());
            let whose = match packages.as_slice() {
                [only] => format!("package {}", named(ground, *only)),
                several => format!("{} packages", several.len()),
            };
            let mut times: Vec<_> = records.iter().map(|(event, _)| event.at).collect();
            times.sort_unstable();
            times.dedup();
            let often = match times.len() {
                1 => "once".to_owned(),
                2 => "twice".to_owned(),
                more => format!("{more} times"),
            };
            Finding {
                kind: KIND.name,
                package: (packages.len() == 1).then(|| packages[0]),
                involved: if packages.len() > 1 { packages } else { Vec::new() },
                server: server.clone(),
                at: times.first().copied(),
                text: format!(
                    "The place \u{201c}{}\u{201d}, where the files of {whose} belong, was told missing or unusable {often}, first at {}.",
                    shown(&place, server.as_deref()),
                    times.first().map_or(String::new(), |at| at.said())
                ),
                advice: "Check that the folder exists, that it is shared under this name, and that the agent's account may read, write and modify there.".to_owned(),
                sources: records.iter().map(|(event, _)| event.sources[0]).collect(),
                assumed: records
                    .iter()
                    .any(|(event, _)| event.wording == Wording::Assumed),
            }
        })
        .collect()
}

/// The folded places of a package, as stated: the physical folder and the share may both be.
fn own_places(ground: &Ground<'_>, story: &Story<'_>) -> Option<Vec<String>> {
    let host = story.server.as_deref();
    let stated = story.events.iter().filter_map(|event| match &event.fact {
        Fact::Location { path } | Fact::LocationChanged { to: path, .. } => {
            Some(path::fold(path, host))
        }
        _ => None,
    });
    let known = ground.places.last(story.package, &story.server);
    let mut all: Vec<String> = stated
        .chain(known.map(|one| path::fold(&one.value, host)))
        .collect();
    all.sort();
    all.dedup();
    (!all.is_empty()).then_some(all)
}

/// A record that tells something missing or unusable.
struct Suspect<'a> {
    event: &'a Event,
    /// By its error, a server or share, or a folder; both if it has no code.
    of_share: bool,
    of_folder: bool,
    /// The folded paths that it names.
    named: Vec<String>,
}

fn suspect<'a>(event: &'a Event, host: Option<&str>) -> Option<Suspect<'a>> {
    let (code, whole) = match &event.fact {
        Fact::AccessDenied { code }
        | Fact::NetworkFailed { code, .. }
        | Fact::DownloadFailed { code, .. } => (*code, None),
        // The folder itself may be meant, not a file in it.
        Fact::FileMissing { path } => (Some(FOLDER[0]), Some(path)),
        _ => return None,
    };
    let code = code.map(win32);
    let by_words = code.is_none() && {
        let told = event.message.to_lowercase();
        WORDS.iter().any(|word| told.contains(word))
    };
    let of_share = by_words || code.is_some_and(|code| SHARE.contains(&code));
    let of_folder = by_words || code.is_some_and(|code| FOLDER.contains(&code));
    if !of_share && !of_folder {
        return None;
    }
    let named: Vec<String> = match whole {
        Some(path) => vec![path::fold(path, host)],
        None => paths(&event.message)
            .map(|path| path::fold(path, host))
            .collect(),
    };
    (!named.is_empty()).then_some(Suspect {
        event,
        of_share,
        of_folder,
        named,
    })
}

/// The folded place that a record tells missing, if it is one of these or holds one of them.
fn missing(one: &Suspect<'_>, places: &[String]) -> Option<String> {
    let lost = |path: &&String| {
        let unc = path.starts_with(r"\\");
        let holds = places.iter().any(|place| path::within(place, path));
        // A share that is not there is missed by whatever lies on it.
        let on_it = one.of_share && unc && places.iter().any(|place| same_share(place, path));
        (holds && (one.of_folder || unc)) || on_it
    };
    one.named.iter().find(lost).cloned()
}

/// The Win32 error in an HRESULT of one.
fn win32(code: u32) -> u32 {
    if code >> 16 == 0x8007 {
        code & 0xFFFF
    } else {
        code
    }
}

fn same_share(one: &str, other: &str) -> bool {
    let share = |path: &str| -> Option<String> {
        let mut parts = path.strip_prefix(r"\\")?.splitn(3, '\\');
        Some(format!("{}\\{}", parts.next()?, parts.next()?))
    };
    share(one).is_some_and(|share_of_one| share(other) == Some(share_of_one))
}

/// What looks like an absolute path in a message: between quotes, else up to a blank.
fn paths(message: &str) -> impl Iterator<Item = &str> {
    let marks = ['\'', '"', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];
    let absolute = |piece: &&str| {
        piece.starts_with(r"\\")
            || piece.as_bytes().get(1) == Some(&b':')
                && piece.as_bytes()[0].is_ascii_alphabetic()
                && matches!(piece.as_bytes().get(2), None | Some(b'\\'))
    };
    let quoted = message.split(marks).map(str::trim).filter(absolute);
    let words = message.split_whitespace().map(move |word| {
        let word = word
            .trim_matches(marks)
            .trim_end_matches([',', ';', '.', ')']);
        // The colon of a drive stays.
        word.strip_suffix(':')
            .filter(|rest| rest.len() > 1)
            .unwrap_or(word)
    });
    let words = words.filter(absolute);
    quoted.chain(words)
}

/// A folded place as people write it: the server's own name was folded away.
fn shown(place: &str, host: Option<&str>) -> String {
    match place.strip_prefix(r"\\.\") {
        Some(rest) => format!(r"\\{}\{rest}", host.unwrap_or("localhost")),
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use super::*;

    const NO_SHARE: Option<u32> = Some(0x8007_0043);
    const NO_FOLDER: Option<u32> = Some(0x8007_0003);

    fn told(place: &str, code: Option<u32>, message: &str) -> Vec<Finding> {
        Scene::new()
            .located(1, place)
            .says(50, 1, Fact::AccessDenied { code }, message)
            .find("share-missing")
    }

    #[test]
    fn a_share_that_cannot_be_found_is_told() {
        let found = told(
            r"\\PS\Share\Vpn",
            NO_SHARE,
            r"Cannot create directory: \\PS\Share\Vpn",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains(r"\\PS\share\vpn"));
        assert_eq!(found[0].sources[0].line, 50);
        assert_eq!(
            told(
                r"\\PS\Share\Vpn",
                None,
                r"Share '\\PS\Share' does not exist"
            )
            .len(),
            1
        );
        assert_eq!(
            told(r"\\PS\Share\Vpn", Some(1203), r"'\\PS\Share\Vpn'").len(),
            1
        );
    }

    #[test]
    fn the_source_s_share_and_refused_rights_are_another_matter() {
        assert!(told(r"\\PS\Share\Vpn", NO_SHARE, r"'\\NS\Packages\Vpn'").is_empty());
        assert!(told(r"\\PS\Share\Vpn", NO_SHARE, "no path is named").is_empty());
        assert!(told(r"\\PS\Share\Vpn", Some(0x8007_0005), r"'\\PS\Share\Vpn'").is_empty());
        assert!(
            told(
                r"\\PS\Share\Vpn",
                None,
                r"access to '\\PS\Share\Vpn' denied"
            )
            .is_empty()
        );
    }

    #[test]
    fn the_folder_itself_counts_and_a_file_in_it_does_not() {
        let place = r"E:\Pkg\Vpn";
        assert_eq!(
            told(place, NO_FOLDER, r"cannot create 'E:\Pkg\Vpn'").len(),
            1
        );
        assert_eq!(told(place, NO_FOLDER, r"cannot create E:\").len(), 1);
        assert_eq!(
            told(place, NO_FOLDER, r"Cannot create directory: e:").len(),
            1
        );
        assert!(told(place, NO_FOLDER, r"cannot open 'E:\Pkg\Vpn\a.cab'").is_empty());
        assert!(told(place, NO_FOLDER, r"cannot open 'E:\Other'").is_empty());
        let gone = |path: &str| {
            let fact = Fact::FileMissing { path: path.into() };
            let scene = Scene::new().located(1, place).at(50, 1, fact);
            scene.find("share-missing").len()
        };
        assert_eq!(gone(r"e:\pkg\vpn"), 1);
        assert_eq!(gone(r"E:\Pkg\Vpn\a.cab"), 0);
    }

    #[test]
    fn one_share_of_many_packages_is_one_thing() {
        let fact = Fact::AccessDenied { code: NO_SHARE };
        let scene = Scene::new()
            .located(1, r"\\PS\Share\Vpn")
            .located(2, r"\\PS\Share\Office")
            .says(50, 0, fact, r"'\\PS\Share' cannot be reached");
        let found = scene.find("share-missing");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("2 packages"));
        assert!(found[0].text.contains("once"));
    }
}
