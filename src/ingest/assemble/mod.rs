//! The second pass: settles year, zone and server, and turns stamps into moments, facts into events.

mod captured;
mod cut;
mod deaf;
mod documents;
mod hints;
mod logs;
mod notes;
mod policy;
mod requests;

pub use cut::join_cut_records;

use super::parsers::Parsed;
use super::servers::Servers;
use super::{Defect, File, Ingested, Options, twice};
use crate::model::{EvidenceFile, FileId, PackageId, Problem, Server, SourceRef};
use captured::captured_at;
use deaf::forget_deaf;
use documents::{Place, add_document};
use hints::settle;
use logs::{LogPlace, Told, add_log, bridge, in_line};
use notes::{Logs, add_notes, fold, unrecognised};
use policy::{add_policy, settle_cleanup};
use rayon::prelude::*;
use requests::add_requests;
use std::collections::{BTreeMap, BTreeSet};

/// Puts together what the files gave. `files` are sorted; their places become the file numbers.
pub fn assemble(files: Vec<File>, mut problems: Vec<Problem>, options: &Options) -> Ingested {
    let mut files = files;
    let mut defects: Vec<(String, Defect)> = Vec::new();
    for file in &mut files {
        let own = std::mem::take(&mut file.defects);
        let (whole, placed): (Vec<Defect>, Vec<Defect>) = own
            .into_iter()
            .partition(|defect| defect.line.is_none() && !defect.lost);
        problems.extend(placed.into_iter().map(|defect| defect.at(&file.path)));
        defects.extend(whole.into_iter().map(|defect| (file.path.clone(), defect)));
    }
    problems.extend(fold(defects));
    let captured = captured_at(&files);
    let clock = settle(&files, &captured, options);
    let one_zone_stated = hints::one_zone_stated(&files);
    let servers = Servers::of(&files);
    let mut out = Ingested {
        problems,
        ..Ingested::default()
    };
    let mut names: BTreeMap<PackageId, BTreeMap<String, u64>> = BTreeMap::new();
    let logs = Logs::of(&files);
    let mut cleanups: Vec<(Option<PackageId>, u32, SourceRef)> = Vec::new();
    let mut bridges = Vec::new();
    let mut log = 0;
    let mut told: Vec<Told<'_>> = Vec::new();
    for (number, file) in files.into_iter().enumerate() {
        let id = FileId(u32::try_from(number).unwrap_or(u32::MAX));
        let mut entry = EvidenceFile {
            path: file.path.clone(),
            kind: file.kind,
            sha256: file.sha256,
            bytes: file.bytes,
            ..EvidenceFile::default()
        };
        let place = || Place {
            id,
            path: &file.path,
            captured: captured.get(&number).copied(),
            server: servers.of_path(&file.rooted),
            clock: &clock,
        };
        match file.parsed {
            Parsed::Log(facts, _) => {
                let place = LogPlace {
                    id,
                    log,
                    rooted: &file.rooted,
                    servers: &servers,
                    clock: &clock,
                };
                told.push(add_log(
                    &mut out,
                    &mut entry,
                    &mut names,
                    &mut bridges,
                    &place,
                    *facts,
                ));
                log += 1;
            }
            Parsed::Document(document) => {
                add_document(&mut out, &mut entry, &mut names, &place(), *document);
            }
            Parsed::Policy(policy) => {
                add_policy(
                    &mut out,
                    &mut entry,
                    &mut names,
                    &mut cleanups,
                    &place(),
                    policy,
                );
            }
            Parsed::Requests(requests) => {
                let server = servers.of_requests(&file.rooted, requests.computer.as_deref());
                add_requests(&mut out, &mut entry, server, &place(), *requests);
            }
            Parsed::Registry(registry) => {
                entry.records = 1;
                let every = registry
                    .exec_interval_seconds
                    .map(|one| i64::from(one) * 1_000);
                out.settings.refresh_every_ms = out.settings.refresh_every_ms.or(every);
            }
            Parsed::Captures(rows) => entry.records = rows.len() as u64,
            Parsed::Unused => {
                // A damaged document is recognised, but gives nothing; its defect says so.
                if entry.kind == "unused" {
                    out.problems.extend(unrecognised(&entry));
                }
                entry.kind = "unused";
            }
        }
        out.files.push(entry);
    }
    let newest;
    (out.events, newest) = in_line(told, std::mem::take(&mut out.events));
    bridge(&mut out, bridges);
    forget_deaf(&mut out);
    add_notes(&mut out, &clock, &logs);
    settle_cleanup(&mut out.settings, &cleanups);
    let histories = out
        .files
        .iter()
        .zip(0..)
        .filter(|(file, _)| file.kind == "ps-history")
        .map(|(_, number)| FileId(number))
        .collect();
    let named = twice::name(&mut out.events, &histories, &names);
    for (file, nameless) in named {
        let rows = if nameless == 1 { "row" } else { "rows" };
        let path = out.files.get(file.0 as usize).map_or("", |file| &file.path);
        out.problems.push(Problem::loss(
            path,
            None,
            format!("{nameless} {rows} whose package is known by its name only, which no or more than one package of the evidence has"),
            "they belong to no package; add snapshot.xml files or a client policy, which tell names",
        ));
    }
    out.events = twice::tell_once(std::mem::take(&mut out.events), &histories);
    // Rows of a history that a log tells are gone.
    let left = || out.events.par_iter().map(|event| event.at).max();
    let newest = if histories.is_empty() { newest } else { left() };
    out.snapshots.sort_by_key(|one| (one.at, one.source));
    out.statuses.sort_by_key(|one| (one.at, one.source));
    out.listings.sort_by_key(|one| (one.at, one.source));
    out.problems.sort();
    out.problems.dedup();
    out.names = names
        .into_iter()
        .filter_map(|(package, counts)| {
            // The most frequent spelling; of equals, the first in order.
            let best = counts
                .into_iter()
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
            Some((package, best.0))
        })
        .collect();
    out.zone = clock.zone_used(newest.as_ref());
    let hosts: BTreeSet<&Server> = out
        .coverage
        .iter()
        .filter_map(|log| log.server.as_ref())
        .collect();
    if hosts.len() > 1 && out.zone.offset.is_some() && one_zone_stated < hosts.len() {
        out.zone.several = true;
        let what = format!(
            "the logs are of {} servers, and one time zone is used for all",
            hosts.len()
        );
        let cost =
            "times of a server in another zone are off; give its evidence alone with --timezone";
        out.problems
            .push(Problem::note("the bundle", None, what, cost));
    }
    out
}
