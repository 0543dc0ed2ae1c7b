//! Listings held against snapshots: shares, links, spoilt names, folders that only their content shows.

use super::*;
use crate::model::{CaptureBasis, FileId, ListedFile, ListedFolder, Listing, Said, SnapshotFile};
use std::sync::Arc;

#[test]
fn a_share_is_found_among_the_listed_folders_or_not_at_all() {
    let folders = vec![
        r"d:\pkgshare".to_owned(),
        r"d:\pkgshare\share\vpn".to_owned(),
    ];
    assert_eq!(
        resolve(r"\\.\share\vpn", &folders).as_deref(),
        Some(r"d:\pkgshare\share\vpn")
    );
    let twice = vec![r"d:\a\vpn".to_owned(), r"e:\b\vpn".to_owned()];
    assert_eq!(resolve(r"\\.\share\vpn", &twice), None);
    let gone = vec![r"d:\share".to_owned()];
    assert_eq!(
        resolve(r"\\.\share\vpn", &gone).as_deref(),
        Some(r"d:\share\vpn")
    );
    assert_eq!(resolve(r"c:\x", &gone).as_deref(), Some(r"c:\x"));
}

fn file(name: &str, size: u64) -> SnapshotFile {
    SnapshotFile {
        path: name.into(),
        size: Some(size),
        modified: None,
        hash: None,
        line: 1,
    }
}

fn capture<T>(second: i64, package: Option<PackageId>, document: T) -> Capture<T> {
    Capture {
        at: Moment::exact(second * 1000, None),
        basis: CaptureBasis::Name,
        server: None,
        package,
        source: SourceRef {
            file: FileId(0),
            line: 1,
        },
        document: document.into(),
    }
}

fn listing(folders: &[(&str, &[(&str, u64)])]) -> Capture<Listing> {
    let folder = |(path, files): &(&str, &[(&str, u64)])| ListedFolder {
        path: (*path).into(),
        files: files
            .iter()
            .map(|(name, size)| ListedFile {
                name: (*name).into(),
                size: Some(*size),
                modified: None,
                line: 1,
            })
            .collect(),
        complete: true,
        ..ListedFolder::default()
    };
    let document = Listing {
        folders: folders.iter().map(folder).collect(),
        counted: true,
        complete: true,
        ..Listing::default()
    };
    capture(100, None, document)
}

/// What one listing shows of a package with three files, in a case without any stated place.
fn sights(folders: &[(&str, &[(&str, u64)])]) -> Vec<Sight> {
    let one = PackageId(1);
    let snapshot = Snapshot {
        package: Some(one),
        version: Some(7),
        files: vec![file("a.cab", 1), file("b.cab", 2), file(r"bin\c.dll", 3)],
        complete: true,
        ..Snapshot::default()
    };
    let evidence = Evidence {
        events: &[],
        index: &crate::analysis::index::Index::default(),
        snapshots: &[capture(50, Some(one), snapshot)],
        statuses: &[],
        listings: &[listing(folders)],
        logs: &crate::analysis::coverage::Logs::default(),
        names: &BTreeMap::new(),
        unused_for_ms: None,
        unused_for: &BTreeMap::new(),
        never_deleted: &BTreeMap::new(),
        refresh_every_ms: None,
        copies: &BTreeSet::new(),
    };
    let places = Places::learn(&evidence, &[(one, None)]);
    assert!(places.last(one, &None).is_none());
    places.sightings(one, &None).to_vec()
}

#[test]
fn a_folder_with_two_files_of_the_package_is_taken_for_its_own() {
    let found = sights(&[(r"D:\Share\Vpn", &[("A.CAB", 1), ("b.cab", 2)])]);
    assert_eq!(found.len(), 1);
    assert!(found[0].inferred);
    assert_eq!((found[0].missing, found[0].listed), (1, 3));
}

#[test]
fn one_file_another_size_or_a_copy_shows_no_place() {
    assert!(sights(&[(r"D:\Share\Vpn", &[("a.cab", 1)])]).is_empty());
    assert!(sights(&[(r"D:\Share\Vpn", &[("a.cab", 1), ("b.cab", 9)])]).is_empty());
    let whole: &[(&str, u64)] = &[("a.cab", 1), ("b.cab", 2)];
    assert!(sights(&[(r"D:\Share\Vpn", whole), (r"E:\Copy", whole)]).is_empty());
}

/// `D:\Share\Vpn [a.cab b.cab] Link>E:\There`: folder, its files, its links.
fn listed(path: &str, files: &[&str], links: &[(&str, &str)]) -> ListedFolder {
    let file = |name: &&str| ListedFile {
        name: (*name).into(),
        size: Some(1),
        modified: None,
        line: 1,
    };
    ListedFolder {
        path: path.into(),
        files: files.iter().map(file).collect(),
        links: links.iter().map(|(name, _)| (*name).into()).collect(),
        targets: links.iter().map(|(_, target)| (*target).into()).collect(),
        complete: true,
        ..ListedFolder::default()
    }
}

/// (missing, listed) in each sighting of a package with these files at a stated place.
fn seen(place: &str, files: &[&str], folders: Vec<ListedFolder>) -> Vec<(u32, u32)> {
    let one = PackageId(1);
    let snapshot = Snapshot {
        files: files.iter().map(|name| file(name, 1)).collect(),
        complete: true,
        ..Snapshot::default()
    };
    let event = Event {
        at: Moment::exact(1_000, None),
        server: None,
        sources: [SourceRef {
            file: FileId(0),
            line: 1,
        }]
        .into(),
        record: None,
        said: Said {
            package: Some(one),
            fact: Fact::Location { path: place.into() },
            ..Said::default()
        }
        .into(),
    };
    let events = [event];
    let mut listing = listing(&[]);
    Arc::make_mut(&mut listing.document).folders = folders;
    let evidence = Evidence {
        events: &events,
        index: &crate::analysis::index::Index::of(&events),
        snapshots: &[capture(50, Some(one), snapshot)],
        statuses: &[],
        listings: &[listing],
        logs: &crate::analysis::coverage::Logs::default(),
        names: &BTreeMap::new(),
        unused_for_ms: None,
        unused_for: &BTreeMap::new(),
        never_deleted: &BTreeMap::new(),
        refresh_every_ms: None,
        copies: &BTreeSet::new(),
    };
    Places::learn(&evidence, &[(one, None)])
        .sightings(one, &None)
        .iter()
        .map(|sight| (sight.missing, sight.listed))
        .collect()
}

const TWO: &[&str] = &["a.cab", r"bin\c.dll"];

#[test]
fn a_package_that_is_listed_under_two_paths_is_seen_once() {
    let drive = || listed(r"D:\", &[], &[("Old", r"E:\New")]);
    let there = |files: &[&str], bin: &[&str]| {
        vec![
            listed(r"E:\New\Vpn", files, &[]),
            listed(r"E:\New\Vpn\bin", bin, &[]),
        ]
    };
    let followed = |files: &[&str], bin: &[&str]| {
        vec![
            listed(r"D:\Old\Vpn", files, &[]),
            listed(r"D:\Old\Vpn\bin", bin, &[]),
        ]
    };
    let all = (&["a.cab"][..], &["c.dll"][..]);
    for place in [r"D:\Old\Vpn", r"E:\New\Vpn"] {
        let both = [vec![drive()], followed(all.0, all.1), there(all.0, all.1)].concat();
        assert_eq!(seen(place, TWO, both), [(0, 2)], "{place}");
        let both = [vec![drive()], followed(all.0, &[]), there(all.0, &[])].concat();
        assert_eq!(seen(place, TWO, both), [(1, 2)], "{place}");
        // Shown and not followed: what lies there tells.
        let target = [vec![drive()], there(all.0, all.1)].concat();
        assert_eq!(seen(place, TWO, target), [(0, 2)], "{place}");
        let target = [vec![drive()], there(all.0, &[])].concat();
        assert_eq!(seen(place, TWO, target), [(1, 2)], "{place}");
        // Followed, and what lies there is not listed otherwise.
        let own = [vec![drive()], followed(all.0, all.1)].concat();
        assert_eq!(seen(place, TWO, own), [(0, 2)], "{place}");
        // The link's own listing is empty, the other one is not.
        let empty = [
            vec![drive(), listed(r"D:\Old\Vpn", &[], &[])],
            there(all.0, all.1),
        ];
        assert_eq!(seen(place, TWO, empty.concat()), [(0, 2)], "{place}");
        // Nothing is proven by a link that shows nothing.
        let empty = vec![drive(), listed(r"D:\Old\Vpn", &[], &[])];
        assert_eq!(seen(place, TWO, empty), [], "{place}");
        let empty = vec![drive(), listed(r"D:\Old", &[], &[])];
        assert_eq!(seen(place, TWO, empty), [], "{place}");
        assert_eq!(seen(place, TWO, vec![drive()]), [], "{place}");
    }
    // Without the link the same listing proves it.
    let bare = || listed(r"D:\", &[], &[]);
    assert_eq!(seen(r"D:\Old", TWO, vec![bare()]), [(2, 2)]);
    let empty = vec![bare(), listed(r"D:\Old", &[], &[])];
    assert_eq!(seen(r"D:\Old\Vpn", TWO, empty), [(2, 2)]);
}

#[test]
fn what_lies_behind_a_link_inside_a_package_is_not_missed() {
    for (target, more, expected) in [
        (r"E:\Bin", vec![], vec![]),
        ("", vec![], vec![]),
        (
            r"E:\Bin",
            vec![listed(r"E:\Bin", &["c.dll"], &[])],
            vec![(0, 2)],
        ),
        (r"E:\Bin", vec![listed(r"E:\Bin", &[], &[])], vec![(1, 2)]),
        (
            "",
            vec![listed(r"D:\Vpn\bin", &["c.dll"], &[])],
            vec![(0, 2)],
        ),
        // A circle.
        (r"D:\Vpn\bin", vec![], vec![]),
        // The package's own folder, which is shown whole.
        (r"D:\Vpn", vec![], vec![(1, 2)]),
    ] {
        let mut folders = vec![listed(r"D:\Vpn", &["a.cab"], &[("bin", target)])];
        folders.extend(more);
        assert_eq!(seen(r"D:\Vpn", TWO, folders), expected, "{target}");
    }
}

#[test]
fn a_name_that_a_code_page_spoilt_is_not_missed() {
    let names: &[&str] = &["Übersicht.cab", r"Français\c.dll", "b.cab"];
    let folders = |first: &str, folder: &str, more: &[&str]| {
        vec![
            listed(r"D:\Vpn", &[&[first], more].concat(), &[]),
            listed(&format!(r"D:\Vpn\{folder}"), &["c.dll"], &[]),
        ]
    };
    for (first, folder) in [
        ("Übersicht.cab", "Français"),
        ("šbersicht.cab", "Fran‡ais"),
        ("?bersicht.cab", "Fran?ais"),
        ("Ubersicht.cab", "Francais"),
    ] {
        let all = folders(first, folder, &["b.cab"]);
        assert_eq!(seen(r"D:\Vpn", names, all), [(0, 3)], "{first}");
        let less = folders(first, folder, &[]);
        assert_eq!(seen(r"D:\Vpn", names, less), [(1, 3)], "{first}");
    }
    // What is another file of the package, or has another name, is not it.
    let twins: &[&str] = &["表.msi", "図.msi"];
    let one = vec![listed(r"D:\Vpn", &["図.msi"], &[])];
    assert_eq!(seen(r"D:\Vpn", twins, one), [(1, 2)]);
    let other = vec![listed(r"D:\Vpn", &["図.msi", "Ubersichten.cab"], &[])];
    assert_eq!(
        seen(r"D:\Vpn", &["図.msi", "Übersicht.cab"], other),
        [(1, 2)]
    );
    // The folder of the package itself.
    let mut drive = listed(r"D:\", &[], &[]);
    drive.folders = vec!["P„ckchen".into(), "x".into()];
    let spoilt = listed(r"D:\P„ckchen", &["b.cab"], &[]);
    let both = vec![drive.clone(), spoilt];
    assert_eq!(seen(r"D:\Päckchen", &["b.cab"], both), [(0, 1)]);
    assert_eq!(seen(r"D:\Päckchen", &["b.cab"], vec![drive.clone()]), []);
    drive.folders = vec!["x".into()];
    assert_eq!(seen(r"D:\Päckchen", &["b.cab"], vec![drive]), [(1, 1)]);
}

#[test]
fn a_junction_is_no_copy() {
    let whole: &[&str] = &["a.cab", "b.cab"];
    let one = PackageId(1);
    let snapshot = Snapshot {
        files: vec![file("a.cab", 1), file("b.cab", 1)],
        complete: true,
        ..Snapshot::default()
    };
    let mut listing = listing(&[]);
    Arc::make_mut(&mut listing.document).folders = vec![
        listed(r"D:\", &[], &[("Old", r"E:\New")]),
        listed(r"D:\Old\Vpn", whole, &[]),
        listed(r"E:\New\Vpn", whole, &[]),
    ];
    let evidence = Evidence {
        events: &[],
        index: &crate::analysis::index::Index::default(),
        snapshots: &[capture(50, Some(one), snapshot)],
        statuses: &[],
        listings: &[listing],
        logs: &crate::analysis::coverage::Logs::default(),
        names: &BTreeMap::new(),
        unused_for_ms: None,
        unused_for: &BTreeMap::new(),
        never_deleted: &BTreeMap::new(),
        refresh_every_ms: None,
        copies: &BTreeSet::new(),
    };
    let places = Places::learn(&evidence, &[(one, None)]);
    let sights = places.sightings(one, &None);
    assert_eq!(sights.len(), 1);
    assert!(sights[0].inferred && sights[0].missing == 0);
}
