//! One benchmark per stage, and one from end to end: `cargo bench --bench stages`.
//!
//! All work on the same made-up log of 16 MiB, three of ten records of which are about packages.

mod made_up;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use pkgtrail::analysis::{Evidence, analyse, coverage, index::Index};
use pkgtrail::cli::gather;
use pkgtrail::ingest::messages::Catalogue;
use pkgtrail::ingest::{self, Ingested};
use pkgtrail::model::{Case, Event, SourceRef};
use pkgtrail::render;
use pkgtrail::timeline::{Format, Timeline, merge};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

const BYTES: u64 = 16 << 20;

static LOG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut log = Vec::new();
    made_up::log_about(&mut log, BYTES, 30).expect("memory takes every byte");
    log
});

static TIMELINE: LazyLock<Timeline> = LazyLock::new(|| merge(read(2).events));

static CASE: LazyLock<Case> = LazyLock::new(|| gather::case(read(2), None).0);

fn main() {
    divan::main();
}

fn read(threads: usize) -> Ingested {
    read_members(&[("Agent.log".to_owned(), LOG.as_slice())], threads)
}

fn read_members(members: &[(String, &[u8])], threads: usize) -> Ingested {
    let options = ingest::Options {
        threads,
        hashes: false,
        ..ingest::Options::default()
    };
    ingest::read_memory(members, &options)
}

/// Bytes of a log to events, on one thread and on two.
#[divan::bench(args = [1, 2], sample_count = 10)]
fn read_a_log(bencher: Bencher, threads: usize) {
    bencher
        .counter(BytesCount::new(LOG.len()))
        .bench(|| read(threads));
}

/// Snapshots of 2,000 files each, captured hourly.
#[divan::bench(sample_count = 10)]
fn read_captures(bencher: Bencher) {
    let captures: Vec<(String, Vec<u8>)> = (0..20)
        .map(|capture| {
            let mut bytes = Vec::new();
            let package = capture % made_up::PACKAGES;
            made_up::snapshot(&mut bytes, package, 1_700_000_000 + capture / 10, 2_000)
                .expect("memory takes every byte");
            (format!("20260302-{capture:02}00/snapshot.xml"), bytes)
        })
        .collect();
    let members: Vec<(String, &[u8])> = captures
        .iter()
        .map(|(path, bytes)| (path.clone(), bytes.as_slice()))
        .collect();
    bencher
        .counter(ItemsCount::new(members.len()))
        .bench(|| read_members(&members, 1));
}

/// Text to facts, for messages that are about packages.
#[divan::bench(sample_count = 10)]
fn recognise_messages(bencher: Bencher) {
    let catalogue = Catalogue::new();
    let messages: Vec<&str> = TIMELINE
        .events()
        .iter()
        .take(1_000)
        .map(|event| &*event.message)
        .collect();
    bencher.counter(ItemsCount::new(messages.len())).bench(|| {
        let known = messages.iter().filter_map(|one| catalogue.recognise(one));
        known.count()
    });
}

/// Events to one story in order.
#[divan::bench(sample_count = 10)]
fn merge_events(bencher: Bencher) {
    let events: Vec<Event> = read(2).events;
    bencher
        .counter(ItemsCount::new(events.len()))
        .with_inputs(|| events.clone())
        .bench_values(merge);
}

/// The story to a table.
#[divan::bench(args = ["csv", "jsonl", "parquet"], sample_count = 10)]
fn write_a_table(bencher: Bencher, format: &str) {
    let format = match format {
        "csv" => Format::Csv,
        "jsonl" => Format::Jsonl,
        _ => Format::Parquet,
    };
    let cite = |source: SourceRef, out: &mut String| {
        out.push_str("Agent.log:");
        out.push_str(&source.line.to_string());
    };
    bencher
        .counter(ItemsCount::new(TIMELINE.events().len()))
        .bench(|| {
            let mut bytes = Vec::new();
            let saved = TIMELINE.save(&cite, format, &mut bytes);
            saved.expect("memory takes every byte");
            bytes.len()
        });
}

/// The story to verdicts.
#[divan::bench(sample_count = 10)]
fn analyse_a_timeline(bencher: Bencher) {
    let found = read(2);
    let events = TIMELINE.events();
    let logs = coverage::Logs::of(&found.coverage);
    let copies = BTreeSet::new();
    bencher.counter(ItemsCount::new(events.len())).bench(|| {
        analyse(&Evidence {
            events,
            index: &Index::of(events),
            snapshots: &found.snapshots,
            statuses: &found.statuses,
            listings: &found.listings,
            logs: &logs,
            names: &found.names,
            unused_for_ms: None,
            unused_for: &found.settings.unused_for,
            never_deleted: &found.settings.never_deleted,
            refresh_every_ms: None,
            copies: &copies,
        })
    });
}

/// A finished case to the page.
#[divan::bench(sample_count = 10)]
fn write_the_page(bencher: Bencher) {
    let case = &*CASE;
    bencher.bench(|| render::html::page(case).len());
}

/// A finished case to the picture.
#[divan::bench(sample_count = 10)]
fn draw_the_picture(bencher: Bencher) {
    let case = &*CASE;
    bencher.bench(|| {
        let scene = render::scene::lay_out(case);
        let picture = render::png::draw(&scene, 1);
        picture.map(|bytes| bytes.len())
    });
}

/// The program from its start to its end.
#[divan::bench(args = ["timeline", "report"], sample_count = 5)]
fn from_end_to_end(bencher: Bencher, command: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("Agent.log");
    std::fs::write(&log, &*LOG).expect("a file in it");
    let out = folder.path().join(match command {
        "timeline" => "out.parquet",
        _ => "out",
    });
    bencher.counter(BytesCount::new(LOG.len())).bench(|| {
        let status = Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
            .args([command, "-q", "-o"])
            .args([&out, &log])
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()));
    });
}
