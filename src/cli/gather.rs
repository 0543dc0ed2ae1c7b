//! The first half of every command: from the arguments to a case.

use super::arguments::{Order, Reading};
use super::output::clean;
use super::{colour, progress, redacted, similar};
use crate::analysis;
use crate::evidence::Limits;
use crate::ingest::messages::Catalogue;
use crate::ingest::stamps::DateOrder;
use crate::ingest::{self, Ingested};
use crate::model::case::AROUND;
use crate::model::{Case, Event, FileId, Moment, Problem, Raw, Records, SourceRef, Texts};
use crate::redact::prepare_secrets;
use crate::render::argument::COPIES;
use crate::timeline::Timeline;
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Threads that work on what was read, at most.
const MOST_THREADS: usize = 64;

/// What a command shows of the evidence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// All of it, with the hashes of files and the records as written.
    Report,
    /// The wordings of its logs.
    Wordings,
    /// What happened.
    Events,
}

/// Reads the evidence as the options say.
pub fn ingest(evidence: &[PathBuf], reading: &Reading, shows: Shows) -> Result<Ingested> {
    let catalogue = match &reading.messages {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            Catalogue::with_user(&text, &path.display().to_string()).map_err(anyhow::Error::msg)?
        }
        None => Catalogue::new(),
    };
    // Identities are looked for in the wordings, too.
    let catalogue = catalogue.counting(shows == Shows::Wordings || reading.redact);
    let hashes = shows == Shows::Report;
    let zone = match &reading.timezone {
        Some(text) => Some(similar::zone(text).map_err(anyhow::Error::msg)?),
        None => None,
    };
    let threads = threads(reading);
    let mut pool = rayon::ThreadPoolBuilder::new().num_threads(threads.min(MOST_THREADS));
    // This thread is one of them, where it has others: to wake it and to let it sleep costs more than a
    // short walk over all events.
    if threads > 1 {
        pool = pool.use_current_thread();
    }
    // Without a cause, it is only that an earlier call of this process has set it.
    if let Err(error) = pool.build_global()
        && let Some(cause) = std::error::Error::source(&error)
    {
        bail!("{threads} threads cannot be started ({cause}); give fewer with --threads");
    }
    let options = ingest::Options {
        zone,
        date_order: reading.date_order.map(|order| match order {
            Order::Mdy => DateOrder::Mdy,
            Order::Dmy => DateOrder::Dmy,
            Order::Ymd => DateOrder::Ymd,
        }),
        limits: Limits {
            max_depth: reading.max_depth,
            max_entries: reading.max_entries,
            max_size: reading.max_size,
            max_ratio: reading.max_ratio,
        },
        catalogue: Arc::new(catalogue),
        threads,
        hashes,
        // A report shows both, and nothing else shows either.
        tags: hashes,
        ..ingest::Options::default()
    };
    similar::tell_missing(evidence, reading);
    let mut ingested = progress::during(evidence, reading, |progress| {
        ingest::read(evidence, &options, progress)
    });
    // One for each run of the program; to free its thousands of small pieces takes a thread from what
    // follows.
    std::mem::forget(options);
    redacted::see(&mut ingested, evidence, reading);
    Ok(ingested)
}

/// How many threads work: as the option says, else one on each core.
pub fn threads(reading: &Reading) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, Into::into);
    reading.threads.map_or_else(cores, Into::into)
}

/// Stops with a clear error if there is nothing that any command could work on.
pub fn usable(ingested: &Ingested, evidence: &[PathBuf]) -> Result<()> {
    if ingested.files.iter().any(|file| file.kind != "unused") {
        return Ok(());
    }
    let names: Vec<String> = evidence
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let first = ingested.problems.iter().find(|problem| problem.lost);
    let because = first.map_or(String::new(), |problem| format!(" ({problem})"));
    let what = if ingested.files.is_empty() {
        "no file that can be read"
    } else {
        "no file of a known kind"
    };
    bail!(
        "{what} in {}{because}; give agent logs, snapshot.xml, PackageStatus.xml, listings, or a folder or archive of them",
        names.join(", ")
    )
}

/// The timeline of all events. Beside that, the table of secrets is made, which is asked next.
fn merged(events: Vec<Event>, newest_first: &BTreeSet<FileId>) -> Timeline {
    let merge = || crate::timeline::merge_turned(events, newest_first);
    rayon::join(merge, prepare_secrets).0
}

/// Everything that the report shows.
pub fn case(ingested: Ingested, unused_for_ms: Option<i64>) -> (Case, Timeline) {
    let mut timeline = merged(ingested.events, &ingested.newest_first);
    let copies = (0_u32..)
        .zip(&ingested.files)
        .filter(|(_, file)| COPIES.contains(&file.kind))
        .map(|(place, _)| FileId(place))
        .collect();
    let (index, told) = rayon::join(
        || analysis::index::Index::of(timeline.events()),
        || Told::of(timeline.events(), &ingested.excerpts),
    );
    let evidence = analysis::Evidence {
        events: timeline.events(),
        index: &index,
        snapshots: &ingested.snapshots,
        statuses: &ingested.statuses,
        listings: &ingested.listings,
        logs: &analysis::coverage::Logs::of(&ingested.coverage),
        names: &ingested.names,
        // What the evidence says counts; the option is for where it says nothing.
        unused_for_ms: ingested.settings.unused_for_ms.or(unused_for_ms),
        unused_for: &ingested.settings.unused_for,
        never_deleted: &ingested.settings.never_deleted,
        refresh_every_ms: ingested.settings.refresh_every_ms,
        copies: &copies,
    };
    let analysis::Analysis { packages, findings } = analysis::analyse(&evidence);
    // A thousand captures hold millions of files, and nobody asks for them any more.
    let captures = (ingested.snapshots, ingested.statuses, ingested.listings);
    rayon::spawn(|| drop(captures));
    // What the logs cover counts, not only what happened to be kept of it.
    let logs = ingested.coverage.iter().flat_map(|log| [log.from, log.to]);
    let period = logs.fold(told.period, |period, at| Some(with_moment(period, at)));
    let mut case = Case {
        zone: ingested.zone,
        packages,
        findings,
        evidence: ingested.files,
        problems: ingested.problems,
        quotes: Texts::default(),
        raw: Records::default(),
        period,
        narrowed: None,
        clean: false,
    };
    quote_cited(&mut case, ingested.excerpts, told);
    // What is shown of the start tags is quoted now. They are not given back: there are a hundred
    // thousand small pieces, which would be put together one by one for the next large one.
    let events = timeline.events_mut().par_iter_mut();
    let tags = events.filter_map(|event| event.record.as_mut()?.tag.take());
    tags.for_each(std::mem::forget);
    // Behind all that decides by these texts, before all that shows them.
    redacted::case(&mut case, timeline.events_mut());
    (case, timeline)
}

/// The event table alone, with a case that can cite its sources and tell the problems.
pub fn table(ingested: Ingested) -> (Case, Timeline) {
    let mut timeline = merged(ingested.events, &ingested.newest_first);
    let mut case = Case {
        zone: ingested.zone,
        evidence: ingested.files,
        problems: ingested.problems,
        ..Case::default()
    };
    redacted::case(&mut case, timeline.events_mut());
    (case, timeline)
}

/// A log record as a reader knows it: time, severity, source, text.
fn quote(event: &Event) -> String {
    match &event.record {
        Some(record) => format!(
            "{} [{}] {}",
            crate::render::words::full(&event.at),
            record.writer.component,
            event.message
        ),
        None => event.message.to_string(),
    }
}

/// The period with a moment: of those that begin first the first one, of those that end last the last.
fn with_moment(period: Option<(Moment, Moment)>, at: Moment) -> (Moment, Moment) {
    let (first, last) = period.unwrap_or((at, at));
    (
        if at.start < first.start { at } else { first },
        if at.end >= last.end { at } else { last },
    )
}

/// When something is told, and what stands where.
struct Told<'e> {
    /// From the first to the last moment of an event.
    period: Option<(Moment, Moment)>,
    /// By place.
    events: Vec<(SourceRef, &'e Event)>,
    /// All places in order, those of excerpts among them.
    places: Vec<SourceRef>,
}

impl<'e> Told<'e> {
    fn of(events: &'e [Event], excerpts: &BTreeMap<SourceRef, String>) -> Told<'e> {
        // One walk over all, which are more than a cache holds.
        let (mut period, mut all) = (None, Vec::with_capacity(events.len()));
        for event in events {
            period = Some(with_moment(period, event.at));
            all.extend(event.sources.iter().map(|source| (*source, event)));
        }
        // Stable: of what several events tell of one place, the order of the events decides.
        all.sort_by_key(|(source, _)| *source);
        let places = all.iter().map(|(source, _)| *source);
        let places = in_order(places.chain(excerpts.keys().copied()).collect());
        Told {
            period,
            events: all,
            places,
        }
    }
}

/// Quotes the proofs, and what stands next to them, of the excerpts that are there and of the
/// events; a bundle has a hundred times as many events as proofs. What the timeline of the page
/// draws gets its record as it was written, or a quote if there is none.
fn quote_cited<'a>(case: &mut Case, mut excerpts: BTreeMap<SourceRef, String>, told: Told<'a>) {
    let Told { events, places, .. } = told;
    let quoted = with_neighbours(&places, &in_order(proofs(case)));
    let drawn = in_order(drawn(case));
    // By parts, as what they look at lies far apart.
    let cited_in = |part: &[(SourceRef, &'a Event)]| {
        let from = part.first().map(|(source, _)| *source);
        let (mut in_quoted, mut in_drawn) = (passing(&quoted, from), passing(&drawn, from));
        let (mut listed, mut raw) = (Vec::new(), Vec::new());
        for (source, event) in part.iter().copied() {
            let (is_quoted, is_drawn) = (in_quoted(source), in_drawn(source));
            if !is_quoted && !is_drawn {
                continue;
            }
            let of_log = case
                .evidence
                .get(source.file.0 as usize)
                .is_some_and(|file| file.kind == "agent-log");
            let tag = event.record.as_ref().and_then(|record| record.tag.as_ref());
            let tag = tag.filter(|_| of_log);
            raw.extend(tag.map(|tag| {
                let (tag, text) = (Some(Arc::clone(tag)), Arc::clone(&event.message));
                (source, Raw { tag, text })
            }));
            if is_quoted || tag.is_none() {
                listed.push((source, event));
            }
        }
        (listed, raw)
    };
    let parts: Vec<_> = events.par_chunks(redacted::PART).map(cited_in).collect();
    let (listed, raw): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let mut listed = listed.concat();
    // The first is told of a place, and what a document says there before any.
    listed.dedup_by_key(|(source, _)| *source);
    let quotes: Vec<(SourceRef, String)> = listed
        .into_par_iter()
        .map(|(source, event)| (source, quote(event)))
        .collect();
    let is_in = |all: &[SourceRef], source: &SourceRef| all.binary_search(source).is_ok();
    excerpts.retain(|source, _| is_in(&quoted, source) || is_in(&drawn, source));
    // A map that is made at once costs less than to put them in one by one.
    let mut quotes: BTreeMap<SourceRef, String> = quotes.into_iter().collect();
    quotes.append(&mut excerpts);
    (case.quotes, case.raw) = (
        Texts::new(quotes),
        Records::new(raw.into_iter().flatten().collect()),
    );
}

/// Tells whether a place is one of those in order; asked in order, first for `from`.
fn passing(places: &[SourceRef], from: Option<SourceRef>) -> impl FnMut(SourceRef) -> bool {
    let first = from.map_or(0, |from| places.partition_point(|one| *one < from));
    let mut left = places[first..].iter().peekable();
    move |source| {
        while left.next_if(|one| **one < source).is_some() {}
        left.peek() == Some(&&source)
    }
}

/// Every place that a sentence of the report names as its proof.
fn proofs(case: &Case) -> Vec<SourceRef> {
    let mut cited = Vec::new();
    for package in &case.packages {
        let missing = package.missing_while_ready.iter();
        cited.extend(missing.flat_map(|one| &one.sources));
        for one in &package.redownloads {
            let sides = one.snapshots.iter();
            cited.extend(sides.flat_map(|both| [&both.before.source, &both.after.source]));
            cited.extend(one.reasons.iter().flat_map(|reason| &reason.sources));
            cited.extend(one.ruled_out.iter().flat_map(|rival| &rival.sources));
        }
    }
    cited.extend(case.findings.iter().flat_map(|one| &one.sources));
    cited
}

/// Every place at which something stands that the timeline of the page draws.
fn drawn(case: &Case) -> Vec<SourceRef> {
    let mut drawn = Vec::new();
    for package in &case.packages {
        for one in &package.downloads {
            drawn.push(one.source);
            drawn.extend(one.attempts.iter().map(|attempt| attempt.source));
        }
        drawn.extend(package.spans.iter().map(|span| span.source));
        drawn.extend(package.observations.iter().map(|one| one.source));
    }
    drawn
}

/// The places in order, each once.
fn in_order(mut places: Vec<SourceRef>) -> Vec<SourceRef> {
    // Not `sort_unstable`: they come in a few long runs.
    places.sort();
    places.dedup();
    places
}

/// The `cited` places, and those next to them in their files, out of all `places`; each is in order.
fn with_neighbours(places: &[SourceRef], cited: &[SourceRef]) -> Vec<SourceRef> {
    let mut shown = Vec::new();
    for source in cited {
        let Ok(at) = places.binary_search(source) else {
            continue;
        };
        let last = places.len() - 1;
        let around = &places[at.saturating_sub(AROUND)..=(at + AROUND).min(last)];
        shown.extend(around.iter().filter(|one| one.file == source.file));
    }
    in_order(shown)
}

/// Whether evidence was lost.
pub fn lossy(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.lost)
}

/// Tells problems on standard error: those that lost evidence, or all of them.
pub fn tell(problems: &[Problem], reading: &Reading) {
    for problem in problems
        .iter()
        .filter(|problem| !reading.quiet && (problem.lost || reading.verbose))
    {
        let (style, word) = if problem.lost {
            (colour::LOST, "lost")
        } else {
            (colour::NOTE, "note")
        };
        colour::tell(style, word, &clean(&redacted::problem(problem)));
    }
}
