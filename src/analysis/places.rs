//! Where the files of each package are, and which listings show them there or show them gone.

use super::Evidence;
use super::redownload::Known;
use crate::model::{
    Capture, Event, Fact, Listing, Moment, PackageId, Server, Snapshot, SourceRef, State, path,
};
use std::collections::{BTreeMap, BTreeSet};

/// What one listing shows of one package.
#[derive(Debug, Clone)]
pub struct Sight {
    pub at: Moment,
    /// Files of the snapshot that the listing lacks.
    pub missing: u32,
    /// Files of the snapshot.
    pub listed: u32,
    pub sources: Vec<SourceRef>,
    /// Whether only the folder's content shows that it is the package's.
    pub inferred: bool,
}

type Key = (PackageId, Option<Server>);

/// All places and sightings of a case.
#[derive(Debug, Default)]
pub struct Places {
    locations: BTreeMap<Key, Vec<Known<String>>>,
    /// Folded folders whose content shows whose they are, where nothing states a place.
    inferred: BTreeMap<Key, String>,
    sightings: BTreeMap<Key, Vec<Sight>>,
    packages: BTreeSet<Key>,
}

impl Places {
    /// Learns the places from the events, then looks into every listing.
    pub fn learn(evidence: &Evidence<'_>, packages: &[Key]) -> Places {
        let mut places = Places {
            packages: packages.iter().cloned().collect(),
            ..Places::default()
        };
        for event in evidence.events {
            let Some(package) = event.package else {
                continue;
            };
            if let Fact::LocationChanged {
                from: Some(from), ..
            } = &event.fact
                && absolute(from)
            {
                let former = Known {
                    value: from.to_string(),
                    at: event.at,
                    sources: event.sources.clone(),
                    basis: None,
                };
                let known = places
                    .locations
                    .entry((package, event.server.clone()))
                    .or_default();
                if known.is_empty() {
                    known.push(former);
                }
            }
            let location = match &event.fact {
                Fact::Location { path } => Some(path.to_string()),
                Fact::LocationChanged { to, .. } => Some(to.to_string()),
                Fact::FileMissing { path } | Fact::FileSeen { path, .. } => {
                    root_of(evidence, event, package, path)
                }
                _ => None,
            };
            if let Some(value) = location.filter(|path| absolute(path)) {
                let known = Known {
                    value,
                    at: event.at,
                    sources: event.sources.clone(),
                    basis: None,
                };
                places
                    .locations
                    .entry((package, event.server.clone()))
                    .or_default()
                    .push(known);
            }
        }
        places.infer(evidence, packages);
        for key in packages {
            let sights: Vec<Sight> = evidence
                .listings
                .iter()
                .filter(|listing| listing.server == key.1)
                .filter_map(|listing| places.look(evidence, key, listing))
                .collect();
            places.sightings.insert(key.clone(), merge(sights));
        }
        places
    }

    /// The place of a package at a moment: the last one stated until then, else the first one after.
    pub fn of(
        &self,
        package: PackageId,
        server: &Option<Server>,
        at: Moment,
    ) -> Option<&Known<String>> {
        let known = self.locations.get(&(package, server.clone()))?;
        // A share hides the folder, so the physical place is the better answer.
        let of = |share: bool| {
            let mut alike = known
                .iter()
                .filter(|one| one.value.starts_with(r"\\") == share)
                .peekable();
            let first = alike.peek().copied();
            alike.rfind(|one| one.at.start <= at.start).or(first)
        };
        of(false).or_else(|| of(true))
    }

    /// The last known place.
    pub fn last(&self, package: PackageId, server: &Option<Server>) -> Option<&Known<String>> {
        let newest = self.locations.get(&(package, server.clone()))?.last()?.at;
        self.of(package, server, newest)
    }

    /// Finds the folders of packages whose place nothing states by what the listings show in them.
    ///
    /// A folder is a package's if at least two files of its snapshot stand there with the same
    /// names and sizes, no other folder of any listing holds as many, and no other package fits
    /// as well. A copy elsewhere looks the same, so such a place never carries more than `likely`.
    fn infer(&mut self, evidence: &Evidence<'_>, packages: &[Key]) {
        let homeless = |key: &&Key| !self.locations.contains_key(*key);
        let mut fits: BTreeMap<Key, BTreeMap<String, usize>> = BTreeMap::new();
        for key in packages {
            for listing in evidence.listings.iter().filter(|one| one.server == key.1) {
                let Some(snapshot) = snapshot_at(evidence, key, listing.at) else {
                    continue;
                };
                let most = fits.entry(key.clone()).or_default();
                for (root, count) in fitting_roots(listing, &snapshot.document, key) {
                    let known = most.entry(root).or_default();
                    *known = count.max(*known);
                }
            }
        }
        let mut inferred = BTreeMap::new();
        for key in packages.iter().filter(homeless) {
            let Some(roots) = fits.get(key) else { continue };
            let best = roots.values().max().copied().unwrap_or(0);
            let mut leading = roots.iter().filter(|(_, count)| **count == best);
            let (Some((root, _)), None) = (leading.next(), leading.next()) else {
                continue;
            };
            let contested = fits.iter().any(|(other, theirs)| {
                other != key && other.1 == key.1 && theirs.get(root).is_some_and(|it| *it >= best)
            });
            let taken = self.locations.iter().any(|(other, known)| {
                let host = other.1.as_deref();
                let holds = |one: &Known<String>| path::fold(&one.value, host) == *root;
                other.1 == key.1 && known.iter().any(holds)
            });
            if best >= 2 && !contested && !taken {
                inferred.insert(key.clone(), root.clone());
            }
        }
        self.inferred = inferred;
    }

    /// What the listings show of a package, in order of time.
    pub fn sightings(&self, package: PackageId, server: &Option<Server>) -> &[Sight] {
        self.sightings
            .get(&(package, server.clone()))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether the package is one that the Package Server hosts.
    pub fn is_server_package(&self, package: PackageId, server: &Option<Server>) -> bool {
        self.packages.contains(&(package, server.clone()))
    }

    /// Holds one listing against the snapshot of one package. `None` if the listing does not show
    /// the folder and does not show that it is gone.
    fn look(
        &self,
        evidence: &Evidence<'_>,
        key: &Key,
        listing: &Capture<Listing>,
    ) -> Option<Sight> {
        let snapshot = snapshot_at(evidence, key, listing.at)?;
        let host = key.1.as_deref();
        let stated = self.of(key.0, &key.1, listing.at);
        let inferred = stated.is_none();
        let root = match stated {
            Some(location) => path::fold(&location.value, host),
            None => self.inferred.get(key)?.clone(),
        };
        let document = &listing.document;
        let folders: Vec<String> = document
            .folders
            .iter()
            .map(|folder| path::fold(&folder.path, host))
            .collect();
        let root = resolve(&root, &folders)?;
        let mut present = BTreeSet::new();
        let mut source = None;
        let mut shown = false;
        for (folder, name) in document.folders.iter().zip(&folders) {
            if !path::within(name, &root) {
                continue;
            }
            let here = SourceRef {
                file: listing.source.file,
                line: folder.line,
            };
            source = source.or(Some(here)).filter(|_| shown).or(Some(here));
            shown = true;
            for file in &folder.files {
                present.insert(path::fold(&format!("{name}\\{}", file.name), host));
            }
        }
        let names = snapshot
            .document
            .files
            .iter()
            .map(|file| path::fold(&format!("{root}\\{}", file.path), host));
        let listed = u32::try_from(snapshot.document.files.len()).unwrap_or(u32::MAX);
        let missing =
            u32::try_from(names.filter(|name| !present.contains(name)).count()).unwrap_or(u32::MAX);
        if shown {
            // Presence needs no completeness; absence does: of every folder of the package.
            let whole = document.counted
                && document.complete
                && document
                    .folders
                    .iter()
                    .zip(&folders)
                    .all(|(folder, name)| folder.complete || !path::within(name, &root));
            let first = document
                .folders
                .iter()
                .zip(&folders)
                .find(|(_, name)| **name == root)
                .map(|(folder, _)| folder.line);
            let line = first
                .map(|line| SourceRef {
                    file: listing.source.file,
                    line,
                })
                .or(source)?;
            return (missing == 0 || whole).then(|| Sight {
                at: listing.at,
                missing,
                listed,
                sources: vec![line],
                inferred,
            });
        }
        // The folder is not shown. It is gone if its parent is shown whole and does not name it.
        let (parent, own_name) = root.rsplit_once('\\')?;
        let (folder, _) = document
            .folders
            .iter()
            .zip(&folders)
            .find(|(_, name)| name.as_str() == parent)?;
        let named = |names: &[String]| names.iter().any(|name| name.to_lowercase() == own_name);
        let gone =
            document.counted && folder.complete && !named(&folder.folders) && !named(&folder.links);
        let line = SourceRef {
            file: listing.source.file,
            line: folder.line,
        };
        gone.then(|| Sight {
            at: listing.at,
            missing: listed,
            listed,
            sources: vec![line],
            inferred,
        })
    }
}

/// The folded folders of a listing under which at least two files of a snapshot stand with their sizes.
fn fitting_roots(
    listing: &Capture<Listing>,
    snapshot: &Snapshot,
    key: &Key,
) -> BTreeMap<String, usize> {
    let host = key.1.as_deref();
    let mut wanted: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for file in &snapshot.files {
        let folded = path::fold(&file.path, None);
        let name = folded.rsplit('\\').next().unwrap_or(&folded).to_owned();
        if let Some(size) = file.size {
            wanted.entry(name).or_default().push((folded, size));
        }
    }
    let mut roots: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in &listing.document.folders {
        let folder_path = path::fold(&folder.path, host);
        for file in &folder.files {
            let name = file.name.to_lowercase();
            for (tail, size) in wanted.get(&name).into_iter().flatten() {
                let here = format!("{folder_path}\\{name}");
                let root = here
                    .strip_suffix(tail.as_str())
                    .and_then(|root| root.strip_suffix('\\'));
                if let Some(root) = root.filter(|_| file.size == Some(*size)) {
                    roots
                        .entry(root.to_owned())
                        .or_default()
                        .insert(tail.clone());
                }
            }
        }
    }
    roots
        .into_iter()
        .map(|(root, files)| (root, files.len()))
        .filter(|(_, count)| *count >= 2)
        .collect()
}

/// The same listing handed in twice is one sighting with two sources.
fn merge(mut sights: Vec<Sight>) -> Vec<Sight> {
    sights.sort_by(|a, b| {
        (a.at, a.missing, a.listed, &a.sources).cmp(&(b.at, b.missing, b.listed, &b.sources))
    });
    let mut merged: Vec<Sight> = Vec::new();
    for sight in sights {
        match merged.last_mut() {
            Some(last)
                if (last.at, last.missing, last.listed)
                    == (sight.at, sight.missing, sight.listed) =>
            {
                last.sources.extend(sight.sources);
            }
            _ => merged.push(sight),
        }
    }
    merged
}

/// The snapshot that was on the disk at a moment: the nearest capture with no new snapshot in between.
fn snapshot_at<'a>(
    evidence: &Evidence<'a>,
    key: &Key,
    at: Moment,
) -> Option<&'a Capture<Snapshot>> {
    let usable = |one: &&&Capture<Snapshot>| {
        one.package == Some(key.0)
            && one.server == key.1
            && one.document.complete
            && !one.document.files.is_empty()
    };
    let captures: Vec<&Capture<Snapshot>> = evidence.snapshots.iter().collect();
    let received = |from: Moment, to: Moment, version: Option<i64>| {
        evidence.events.iter().any(|event| {
            let other = match event.fact {
                Fact::SnapshotReceived { version: new } => new != version || new.is_none(),
                _ => false,
            };
            other
                && event.package == Some(key.0)
                && event.server == key.1
                && from.before(&event.at)
                && event.at.before(&to)
        })
    };
    let earlier = captures
        .iter()
        .filter(usable)
        .rfind(|one| one.at.start <= at.start);
    // A download that ended between the earlier capture and now, and none until the later one:
    // then the later one holds what that download brought.
    let ended = |from: Moment, to: Moment| {
        evidence.events.iter().any(|event| {
            let end = matches!(
                event.fact,
                Fact::DownloadFinished { .. }
                    | Fact::Progress { percent: 100 }
                    | Fact::StateChanged {
                        to: State::Ready,
                        ..
                    }
                    | Fact::SnapshotReceived { .. }
            );
            end && event.package == Some(key.0)
                && event.server == key.1
                && from.before(&event.at)
                && event.at.before(&to)
        })
    };
    let next = captures
        .iter()
        .filter(usable)
        .find(|one| one.at.start > at.start);
    if let (Some(old), Some(new)) = (earlier, next)
        && old.document.version != new.document.version
        && ended(old.at, at)
        && !ended(at, new.at)
    {
        return Some(new);
    }
    if let Some(one) = earlier.filter(|one| !received(one.at, at, one.document.version)) {
        return Some(one);
    }
    let later = captures
        .iter()
        .filter(usable)
        .find(|one| one.at.start > at.start);
    later
        .filter(|one| !received(at, one.at, None))
        .or_else(|| {
            // A new snapshot came in between, but the later capture says it had the same version.
            later.filter(|one| !received(at, one.at, one.document.version))
        })
        .copied()
}

/// The package's folder, from the path of one of its files: the snapshot tells which part is the file's.
fn root_of(
    evidence: &Evidence<'_>,
    event: &Event,
    package: PackageId,
    file: &str,
) -> Option<String> {
    let lower = file.to_lowercase().replace('/', "\\");
    let matching = evidence
        .snapshots
        .iter()
        .filter(|one| one.package == Some(package) && one.server == event.server)
        .flat_map(|one| &one.document.files)
        .filter_map(|one| {
            let tail = format!("\\{}", one.path.to_lowercase().replace('/', "\\"));
            lower.ends_with(&tail).then(|| file.len() - tail.len())
        })
        .min();
    if let Some(length) = matching {
        return file.get(..length).map(str::to_owned);
    }
    // Without a snapshot the product's own folder still shows where it ends.
    let cache = format!("{package}}}\\cache\\");
    let end = lower.find(&cache)? + cache.len() - 1;
    file.get(..end).map(str::to_owned)
}

fn absolute(path: &str) -> bool {
    path.starts_with(r"\\") || path.as_bytes().get(1) == Some(&b':')
}

/// The listed folder that a location means. A share hides its physical path, so for a UNC
/// location the one listed folder with the same end is taken; two of them decide nothing.
fn resolve(root: &str, folders: &[String]) -> Option<String> {
    if !root.starts_with(r"\\") {
        return Some(root.to_owned());
    }
    let parts: Vec<&str> = root.trim_start_matches('\\').split('\\').skip(1).collect();
    for skip in 0..parts.len() {
        let tail = format!("\\{}", parts[skip..].join("\\"));
        let mut matching = folders.iter().filter(|folder| folder.ends_with(&tail));
        if let Some(only) = matching.next() {
            return matching.next().is_none().then(|| only.clone());
        }
    }
    // Not shown itself: the share's own folder tells where it would have to be.
    let (share, rest) = parts.split_first()?;
    let mut shares = folders
        .iter()
        .filter(|folder| folder.ends_with(&format!("\\{share}")));
    let only = shares.next().filter(|_| shares.next().is_none())?;
    Some(if rest.is_empty() {
        only.clone()
    } else {
        format!("{only}\\{}", rest.join("\\"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CaptureBasis, FileId, ListedFile, ListedFolder, SnapshotFile};

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
            document,
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
            snapshots: &[capture(50, Some(one), snapshot)],
            statuses: &[],
            listings: &[listing(folders)],
            coverage: &[],
            names: &BTreeMap::new(),
            unused_for_ms: None,
            unused_for: &BTreeMap::new(),
            never_deleted: &BTreeMap::new(),
            refresh_every_ms: None,
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
}
