//! `path-too-long`: files of a package whose full path has more than 254 characters.
//!
//! The product cannot write them (152039). What counts is the folder on the server and the file's
//! path in the snapshot together, in UTF-16 units, as Windows counts.

use super::{Ground, Kind, named};
use crate::analysis::Story;
use crate::model::{Fact, Finding, Moment, Server, SourceRef, path};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "path-too-long",
    about: "files of a package have a path of more than 254 characters",
    find,
};

/// The longest path that the product can write.
const LONGEST: usize = 254;

/// Paths that are too long, by their folded form, with where they are to be seen.
type Long = BTreeMap<String, (String, Moment, Vec<SourceRef>)>;

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let listed = in_listings(ground);
    ground
        .stories
        .iter()
        .filter_map(|story| of_package(ground, story, &listed))
        .collect()
}

/// A path in a listing that is too long; most bundles have none.
struct Listed<'a> {
    server: &'a Option<Server>,
    path: String,
    at: Moment,
    source: SourceRef,
}

fn in_listings<'a>(ground: &Ground<'a>) -> Vec<Listed<'a>> {
    let mut all = Vec::new();
    for listing in ground.evidence.listings {
        for folder in &listing.document.folders {
            let root = folder.path.trim_end_matches('\\');
            for file in &folder.files {
                // Bytes are never fewer than units, and cheap to count.
                if root.len() + 1 + file.name.len() > LONGEST {
                    all.push(Listed {
                        server: &listing.server,
                        path: format!("{root}\\{}", file.name),
                        at: listing.at,
                        source: SourceRef {
                            line: file.line,
                            ..listing.source
                        },
                    });
                }
            }
        }
    }
    all.retain(|one| units(&one.path) > LONGEST);
    all
}

fn of_package(ground: &Ground<'_>, story: &Story<'_>, listed: &[Listed<'_>]) -> Option<Finding> {
    let mut long = Long::new();
    let host = story.server.as_deref();
    let mut offer = |path: String, at: Moment, sources: &[SourceRef]| {
        if units(&path) > LONGEST {
            let known = long
                .entry(path::fold(&path, host))
                .or_insert_with(|| (path, at, Vec::new()));
            known.1 = known.1.min(at);
            known.2.extend(sources);
        }
    };
    for event in story.events {
        match &event.fact {
            Fact::FileMissing { path } | Fact::FileSeen { path, .. } => {
                offer(path.to_string(), event.at, &event.sources);
            }
            Fact::FileFailed { .. } | Fact::AccessDenied { .. } | Fact::Other => {
                for path in quoted_paths(&event.message) {
                    offer(path.to_owned(), event.at, &event.sources);
                }
            }
            _ => {}
        }
    }
    let place = ground.places.last(story.package, &story.server);
    if let Some(place) = place {
        let folder = place.value.trim_end_matches(['\\', '/']);
        let newest = ground
            .evidence
            .snapshots
            .iter()
            .rfind(|one| one.package == Some(story.package) && one.server == story.server);
        for file in newest.iter().flat_map(|one| &one.document.files) {
            let source = newest.map(|one| SourceRef {
                line: file.line,
                ..one.source
            });
            let at = newest.map_or(place.at, |one| one.at);
            if folder.len() + 1 + file.path.len() <= LONGEST {
                continue;
            }
            offer(format!("{folder}\\{}", file.path), at, source.as_slice());
        }
        let root = path::fold(folder, host);
        for one in listed.iter().filter(|one| *one.server == story.server) {
            if path::within(&path::fold(&one.path, host), &root) {
                offer(one.path.clone(), one.at, &[one.source]);
            }
        }
    }
    let (_, (longest, ..)) = long
        .iter()
        .max_by_key(|(folded, (path, ..))| (units(path), std::cmp::Reverse(*folded)))?;
    let (files, have) = match long.len() {
        1 => ("file", "has a path"),
        _ => ("files", "have paths"),
    };
    Some(Finding {
        kind: KIND.name,
        package: Some(story.package),
        involved: Vec::new(),
        server: story.server.clone(),
        at: long.values().map(|(_, at, _)| *at).min(),
        text: format!(
            "{} {files} of package {} {have} of more than {LONGEST} characters, the longest with {}: \u{201c}{longest}\u{201d}.",
            long.len(),
            named(ground, story.package),
            units(longest)
        ),
        advice: "Shorten the folders inside the package, or give it a shorter location on the server; such files cannot be written and their download fails.".to_owned(),
        sources: long.into_values().flat_map(|(_, _, sources)| sources).collect(),
        assumed: false,
    })
}

/// How long Windows takes a path to be.
fn units(path: &str) -> usize {
    path.encode_utf16().count()
}

/// Absolute paths between quotes in a message.
fn quoted_paths(message: &str) -> impl Iterator<Item = &str> {
    message
        .split(['\'', '"', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'])
        .filter(|piece| units(piece) > LONGEST && !piece.contains(['\n', '\r']))
        .filter(|piece| {
            piece.starts_with(r"\\") || piece.as_bytes().get(1..3) == Some(br":\".as_slice())
        })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use super::*;
    use crate::model::{ListedFile, ListedFolder, Listing};

    const FOLDER: &str = r"D:\Share\Vpn";

    /// A file below the folder whose full path has so many characters.
    fn tail(characters: usize) -> String {
        "ü".repeat(characters - FOLDER.len() - 1)
    }

    #[test]
    fn one_character_more_is_too_long() {
        let of = |characters: usize| {
            Scene::new()
                .located(1, FOLDER)
                .snapshot(20, 1, &["a.cab", &tail(characters)])
                .find("path-too-long")
        };
        assert!(of(254).is_empty());
        let found = of(255);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("1 file of package"));
        assert!(found[0].text.contains("the longest with 255"));
    }

    #[test]
    fn the_log_and_a_listing_tell_the_same_file_once() {
        let name = tail(260);
        let path = format!("{FOLDER}\\{name}");
        let document = Listing {
            folders: vec![ListedFolder {
                path: FOLDER.into(),
                files: vec![ListedFile {
                    name,
                    size: Some(1),
                    modified: None,
                    line: 7,
                }],
                ..ListedFolder::default()
            }],
            ..Listing::default()
        };
        let failed = Fact::FileFailed {
            path: "HTTP://ns/x".into(),
            code: None,
            http: None,
        };
        let message = format!("GetFiles 'HTTP://ns/x'->'{path}' failed");
        let scene = Scene::new()
            .located(1, FOLDER)
            .listing(30, document)
            .says(40, 1, failed, &message)
            .at(50, 1, Fact::FileMissing { path: path.into() });
        let found = scene.find("path-too-long");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("1 file of"), "{}", found[0].text);
        assert_eq!(found[0].sources.len(), 3);
        assert_eq!(found[0].at.unwrap().start, 30_000);
    }

    #[test]
    fn without_a_place_only_the_log_counts() {
        let scene = Scene::new().snapshot(20, 1, &[&tail(400)]);
        let known = scene.at(30, 1, Fact::VerificationPassed);
        assert!(known.find("path-too-long").is_empty());
    }
}
