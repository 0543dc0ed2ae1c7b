//! Where the files of each package are, and which listings show them there or show them gone.

use super::Evidence;
use super::redownload::Known;
use super::shown::{Shown, Spoilt, file_name};
use crate::model::{
    Capture, Event, Fact, Moment, PackageId, Server, Snapshot, SourceRef, State, path,
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
                    sources: event.sources.to_vec(),
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
                    sources: event.sources.to_vec(),
                    basis: None,
                };
                places
                    .locations
                    .entry((package, event.server.clone()))
                    .or_default()
                    .push(known);
            }
        }
        let shown: Vec<Shown<'_>> = evidence.listings.iter().map(Shown::of).collect();
        places.infer(evidence, &shown, packages);
        for key in packages {
            let sights: Vec<Sight> = shown
                .iter()
                .filter(|one| one.listing.server == key.1)
                .filter_map(|one| places.look(evidence, key, one))
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
    fn infer(&mut self, evidence: &Evidence<'_>, shown: &[Shown<'_>], packages: &[Key]) {
        let homeless = |key: &&Key| !self.locations.contains_key(*key);
        let mut fits: BTreeMap<Key, BTreeMap<String, usize>> = BTreeMap::new();
        for key in packages {
            for one in shown.iter().filter(|one| one.listing.server == key.1) {
                let Some(snapshot) = snapshot_at(evidence, key, one.listing.at) else {
                    continue;
                };
                let most = fits.entry(key.clone()).or_default();
                for (root, count) in fitting_roots(one, &snapshot.document) {
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

    /// The files that the snapshot of that time lists, as [`as_asked`] writes them; `None` if there
    /// is no such snapshot.
    pub fn listed_at(
        evidence: &Evidence<'_>,
        package: PackageId,
        server: &Option<Server>,
        at: Moment,
    ) -> Option<BTreeSet<String>> {
        let snapshot = snapshot_at(evidence, &(package, server.clone()), at)?;
        let files = snapshot.document.files.iter();
        Some(files.map(|file| as_asked(&file.path)).collect())
    }

    /// Holds one listing against the snapshot of one package. `None` if the listing does not show
    /// the folder and does not show that it is gone.
    fn look(&self, evidence: &Evidence<'_>, key: &Key, shown: &Shown<'_>) -> Option<Sight> {
        let listing = shown.listing;
        let snapshot = snapshot_at(evidence, key, listing.at)?;
        let host = key.1.as_deref();
        let stated = self.of(key.0, &key.1, listing.at);
        let inferred = stated.is_none();
        let root = match stated {
            Some(location) => path::fold(&location.value, host),
            None => self.inferred.get(key)?.clone(),
        };
        let document = &listing.document;
        let root = resolve(&root, &shown.plain).or_else(|| resolve(&root, &shown.distinct()))?;
        let root = shown.spelled(shown.undo_links(&root).0)?;
        let inside: Vec<usize> = (0..shown.folders.len())
            .filter(|place| path::within(&shown.folders[*place], &root))
            .collect();
        let here = |place: usize| SourceRef {
            file: listing.source.file,
            line: document.folders[place].line,
        };
        let listed = u32::try_from(snapshot.document.files.len()).unwrap_or(u32::MAX);
        let sight = |missing: u32, place: usize| Sight {
            at: listing.at,
            missing,
            listed,
            sources: vec![here(place)],
            inferred,
        };
        let Some(first) = inside.first().copied() else {
            let place = shown.lacks(&root)?;
            return Some(sight(listed, place));
        };
        let mut present = BTreeSet::new();
        for place in &inside {
            let folder = &shown.folders[*place];
            for file in &document.folders[*place].files {
                present.insert(format!("{folder}\\{}", file_name(&file.name)));
            }
        }
        // A link that shows nothing may not have been followed.
        if present.is_empty() && inside.iter().all(|place| shown.by_link[*place]) {
            return None;
        }
        let names: Vec<(String, bool)> = snapshot
            .document
            .files
            .iter()
            .map(|file| format!("{root}\\{}", path::fold(&file.path, None)))
            .map(|name| shown.undo_links(&name))
            .collect();
        let exact: BTreeSet<&String> = names.iter().map(|(name, _)| name).collect();
        // Only what is no other file of the package may be one whose name was spoilt.
        let spoilt = Spoilt::of(present.iter().filter(|name| !exact.contains(name)));
        let mut missing = 0_u32;
        for (name, by_link) in &names {
            if present.contains(name) || spoilt.may_hold(name) {
                continue;
            }
            let by_link = *by_link;
            if by_link && !path::within(name, &root) {
                match shown.holds(name) {
                    Some(true) => continue,
                    Some(false) => {}
                    None => return None,
                }
            } else if by_link && !shown.folders.iter().any(|one| lies_in(name, one)) {
                return None;
            }
            // A sub-folder that is named, but has no section of its own, may hold anything.
            if !shown.covers(name, &root) {
                return None;
            }
            missing = missing.saturating_add(1);
        }
        // Presence needs no completeness; absence does: of every folder of the package.
        let whole = document.counted
            && document.complete
            && inside.iter().all(|place| document.folders[*place].complete);
        let own = inside
            .iter()
            .copied()
            .find(|place| shown.folders[*place] == root);
        (missing == 0 || whole).then(|| sight(missing, own.unwrap_or(first)))
    }
}

/// A path within a package, as requests to a web server are compared with it: those write a blank
/// as `+`, so the two are taken for the same.
pub fn as_asked(file: &str) -> String {
    path::fold(file, None).replace('+', " ")
}

/// Whether the folded path of a file stands in this very folder.
fn lies_in(name: &str, folder: &str) -> bool {
    name.rsplit_once('\\')
        .is_some_and(|(above, _)| above == folder)
}

/// The folded folders of a listing under which at least two files of a snapshot stand with their sizes.
fn fitting_roots(shown: &Shown<'_>, snapshot: &Snapshot) -> BTreeMap<String, usize> {
    let mut wanted: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for file in &snapshot.files {
        let folded = path::fold(&file.path, None);
        let name = folded.rsplit('\\').next().unwrap_or(&folded).to_owned();
        if let Some(size) = file.size {
            wanted.entry(name).or_default().push((folded, size));
        }
    }
    let mut roots: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folders = &shown.listing.document.folders;
    for (folder, folder_path) in folders.iter().zip(&shown.folders) {
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
mod tests;
