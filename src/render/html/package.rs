//! Sick packages with the proof of each re-download, and the table of all packages.

use super::{Mark, grouped, quotes, quotes_in_context, rendered, sides};
use crate::model::{Case, Download, Moment, PackageCase, Redownload, SourceRef};
use crate::render::argument::{Point, argument};
use crate::render::missing::Asked;
use crate::render::{Health, health, words};
use askama::Template;

/// Re-downloads that stand open from the start; those of a package with more fold away after.
const OPEN: usize = 3;

/// The section of one sick package.
pub(super) fn section(
    case: &Case,
    number: usize,
    package: &PackageCase,
    asked: &[Asked<'_>],
) -> String {
    let total = package.redownloads.len();
    rendered(&Section {
        number,
        title: words::full_title(case, package),
        headline: words::headline(case, package),
        id: package.id.to_string(),
        server: or_dash(package.server.as_deref()),
        location: or_dash(package.location.as_deref()),
        state: package.state.name(),
        missing: package
            .missing_while_ready
            .iter()
            .map(|one| {
                (
                    words::full(&one.at),
                    format!("{} of {}", one.files_missing, one.files_listed),
                    quotes(case, &one.sources),
                )
            })
            .collect(),
        again: package
            .redownloads
            .iter()
            .enumerate()
            .map(|(place, one)| {
                let open = place < OPEN;
                again(case, package, (number, place, total, open), one, asked)
            })
            .collect(),
        downloads: package
            .downloads
            .iter()
            .enumerate()
            .map(|(place, one)| download(case, package, place, one))
            .collect(),
        spans: package
            .spans
            .iter()
            .map(|span| {
                (
                    words::full(&span.from),
                    words::full(&span.to),
                    span.state.name(),
                    case.cite(span.source),
                )
            })
            .collect(),
        captures: package
            .captures()
            .map(|(at, kind, source)| (words::full(&at), kind, case.cite(source)))
            .collect(),
    })
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("not in the evidence").to_owned()
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="p{{ number }}" aria-labelledby="p{{ number }}-title">
<h3 id="p{{ number }}-title">{{ title }}</h3>
<p>{{ headline }}</p>
<dl class="facts">
<dt>Package</dt><dd><code>{{ id }}</code></dd>
<dt>Server</dt><dd>{{ server }}</dd>
<dt>Files</dt><dd><code>{{ location }}</code></dd>
<dt>Last state</dt><dd>{{ state }}</dd>
</dl>
{% if !missing.is_empty() %}<div class="wide" role="group" aria-label="Ready, but files missing" tabindex="0"><table>
<caption>{{ words::MISSING_CAPTION }}</caption>
<thead><tr><th scope="col">When</th><th scope="col">Files missing</th><th scope="col">Where it is seen</th></tr></thead>
<tbody>
{% for (at, files, quotes) in missing %}<tr><td class="time">{{ at }}</td><td>{{ files }}</td><td class="text">{{ quotes|safe }}</td></tr>
{% endfor %}</tbody>
</table></div>
{% endif %}{% for one in again %}{{ one|safe }}
{% endfor %}<details><summary>All downloads ({{ downloads.len() }}), states ({{ spans.len() }}) and captures ({{ captures.len() }})</summary>
<div class="wide" role="group" aria-label="Downloads" tabindex="0"><table>
<caption>Downloads</caption>
<thead><tr><th scope="col">Started</th><th scope="col">Completed</th><th scope="col">Again</th><th scope="col">Attempts</th><th scope="col">Blocks</th><th scope="col" class="number">Bytes</th><th scope="col">Where</th></tr></thead>
<tbody>
{% for one in downloads %}<tr><td class="time">{{ one.started }}</td><td class="time">{{ one.completed }}</td><td>{{ one.again }}</td><td>{{ one.attempts }}</td><td>{{ one.blocks }}</td><td class="number">{{ one.bytes }}</td><td class="place">{{ one.places }}</td></tr>
{% endfor %}</tbody>
</table></div>
<div class="wide" role="group" aria-label="States" tabindex="0"><table>
<caption>States over time</caption>
<thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">State</th><th scope="col">Where</th></tr></thead>
<tbody>
{% for (from, to, state, place) in spans %}<tr><td class="time">{{ from }}</td><td class="time">{{ to }}</td><td>{{ state }}</td><td class="place">{{ place }}</td></tr>
{% endfor %}</tbody>
</table></div>
{% if !captures.is_empty() %}<div class="wide" role="group" aria-label="Captures" tabindex="0"><table>
<caption>Snapshots, status files and listings</caption>
<thead><tr><th scope="col">Captured</th><th scope="col">Kind</th><th scope="col">Where</th></tr></thead>
<tbody>
{% for (at, kind, place) in captures %}<tr><td class="time">{{ at }}</td><td>{{ kind }}</td><td class="place">{{ place }}</td></tr>
{% endfor %}</tbody>
</table></div>
{% endif %}</details>
</section>"##
)]
struct Section {
    number: usize,
    title: String,
    headline: String,
    id: String,
    server: String,
    location: String,
    state: &'static str,
    missing: Vec<(String, String, String)>,
    /// Rendered.
    again: Vec<String>,
    downloads: Vec<DownloadRow>,
    spans: Vec<(String, String, &'static str, String)>,
    captures: Vec<(String, &'static str, String)>,
}

struct DownloadRow {
    started: String,
    completed: String,
    again: String,
    attempts: String,
    blocks: String,
    bytes: String,
    places: String,
}

fn download(case: &Case, package: &PackageCase, place: usize, one: &Download) -> DownloadRow {
    let again = package
        .redownloads
        .iter()
        .find(|again| again.download == place);
    let attempts: Vec<String> = one
        .attempts
        .iter()
        .map(|attempt| words::outcome(attempt.outcome))
        .collect();
    let mut places = case.cite(one.source);
    if let Some(completed) = one.completed_source {
        places += &format!(", {}", case.cite(completed));
    }
    let given_up = if one.given_up { "; given up" } else { "" };
    DownloadRow {
        started: words::full(&one.started),
        completed: words::full_or_dash(one.completed.as_ref()),
        again: again.map_or_else(|| "first".to_owned(), |one| one.verdict.name().to_owned()),
        attempts: format!("{}: {}{given_up}", attempts.len(), attempts.join("; ")),
        blocks: one.blocks_needed.map_or_else(
            || "–".to_owned(),
            |(needed, of)| format!("{needed} of {of}"),
        ),
        bytes: one.bytes.map_or_else(|| "–".to_owned(), grouped),
        places,
    }
}

/// When a download was complete, or that it never was.
fn completed(at: Option<&Moment>, download: Option<&Download>) -> String {
    match download {
        Some(one) if at.is_none() && one.given_up => "never; it was given up".to_owned(),
        _ => words::full_or_dash(at),
    }
}

fn again(
    case: &Case,
    package: &PackageCase,
    (number, place, total, open): (usize, usize, usize, bool),
    one: &Redownload,
    asked: &[Asked<'_>],
) -> String {
    let words = words::verdict(one.verdict);
    let argument = argument(case, one);
    rendered(&Again {
        id: format!("p{number}-r{}", place + 1),
        open,
        number: place + 1,
        total,
        begins: words::second(&one.started_at),
        started: words::full(&one.started_at),
        mark: rendered(&Mark::of(one.verdict)),
        plain: words.plain,
        verdict: one.verdict.name(),
        meaning: words.meaning,
        grade: one.grade.name(),
        grade_meaning: words::grade(one.grade),
        summary: &one.summary,
        assumed: one.assumed_wording.then_some(words::ASSUMED),
        completed: completed(
            one.completed_at.as_ref(),
            package.downloads.get(one.download),
        ),
        previous: completed(
            one.previous_completed_at.as_ref(),
            one.download
                .checked_sub(1)
                .and_then(|before| package.downloads.get(before)),
        ),
        window: one.window.map(|window| {
            (
                words::second(&window.after),
                words::second(&window.before),
                length(&window.after, &window.before),
            )
        }),
        actor: one.actor.as_deref(),
        reasons: points_in_context(case, &argument.known),
        rivals: points(case, &argument.ruled_out),
        open_questions: points(case, &argument.open),
        snapshots: sides::table(case, one.snapshots.as_ref()),
        missing: one
            .missing_evidence
            .iter()
            .filter_map(|missing| {
                let row = asked.iter().position(|row| row.missing == missing)?;
                Some((row + 1, missing.what.as_str()))
            })
            .collect(),
    })
}

/// The causes that each point speaks of, its text, and its sources with their raw text.
fn points<'a>(case: &Case, points: &[Point<'a>]) -> Vec<(String, &'a str, String)> {
    told(points, |sources| quotes(case, sources))
}

/// The same, with the records around each source.
fn points_in_context<'a>(case: &Case, points: &[Point<'a>]) -> Vec<(String, &'a str, String)> {
    told(points, |sources| quotes_in_context(case, sources))
}

fn told<'a>(
    points: &[Point<'a>],
    quoted: impl Fn(&[SourceRef]) -> String,
) -> Vec<(String, &'a str, String)> {
    points
        .iter()
        .map(|point| {
            let causes: Vec<&str> = point
                .causes
                .iter()
                .map(|cause| words::verdict(*cause).plain)
                .collect();
            (causes.join("; "), point.text, quoted(&point.sources))
        })
        .collect()
}

/// `45 minutes`, for a stretch of time.
fn length(from: &Moment, to: &Moment) -> String {
    let minutes = (i128::from(to.start) - i128::from(from.start)).max(0) / 60_000;
    let minutes = usize::try_from(minutes).unwrap_or(usize::MAX);
    match minutes {
        0..120 => words::count(minutes, "minute"),
        120..2880 => words::count(minutes / 60, "hour"),
        _ => words::count(minutes / 1440, "day"),
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<details class="again" id="{{ id }}"{% if open %} open{% endif %}>
<summary>{{ mark|safe }} <h4>Re-download {{ number }} of {{ total }}, {{ begins }}: {{ plain }}</h4>{% if grade != verdict %} <span class="grade {{ grade }}">{{ grade }}</span>{% endif %}</summary>
<p><strong>{{ summary }}</strong> <a class="to-lanes" href="#timeline" data-again="{{ id }}">Show in the timeline</a></p>
{% if let Some(text) = assumed %}<p class="note">{{ text }}</p>
{% endif %}<dl class="facts">
<dt>Verdict</dt><dd><code>{{ verdict }}</code> means: {{ meaning }}</dd>
<dt>Grade</dt><dd>{{ grade }} means: {{ grade_meaning }}</dd>
<dt>Started</dt><dd>{{ started }}</dd>
<dt>Completed</dt><dd>{{ completed }}</dd>
<dt>Earlier download completed</dt><dd>{{ previous }}</dd>
{% if let Some((after, before, length)) = window %}<dt>Removal window</dt><dd>files last seen {{ after }}, first seen missing {{ before }} ({{ length }})</dd>
{% endif %}{% if let Some(actor) = actor %}<dt>By</dt><dd>{{ actor }}</dd>
{% endif %}</dl>
{% if !reasons.is_empty() %}<h5>How we know</h5>
<ol>
{% for (_, text, quotes) in reasons %}<li>{{ text }}
{{ quotes|safe }}</li>
{% endfor %}</ol>
{% endif %}{% if !rivals.is_empty() %}<div class="wide" role="group" aria-label="Ruled out" tabindex="0"><table>
<caption>Other causes, and why not</caption>
<thead><tr><th scope="col">Cause</th><th scope="col">Why not</th><th scope="col">Where it is seen</th></tr></thead>
<tbody>
{% for (cause, text, quotes) in rivals %}<tr><th scope="row">{{ cause }}</th><td class="text">{{ text }}</td><td class="text">{{ quotes|safe }}</td></tr>
{% endfor %}</tbody>
</table></div>
{% endif %}{% if !open_questions.is_empty() %}<h5>What cannot be decided, and why</h5>
<ul>
{% for (causes, text, quotes) in open_questions %}<li><strong>{{ causes }}</strong>: {{ text }}
{{ quotes|safe }}</li>
{% endfor %}</ul>
{% endif %}{{ snapshots|safe }}
{% if !missing.is_empty() %}<h5>What is missing</h5>
<ul>
{% for (row, what) in missing %}<li><a href="#m{{ row }}">{{ what }}</a></li>
{% endfor %}</ul>
{% endif %}</details>"##
)]
struct Again<'a> {
    id: String,
    open: bool,
    number: usize,
    total: usize,
    begins: String,
    started: String,
    mark: String,
    plain: &'a str,
    verdict: &'a str,
    meaning: &'a str,
    grade: &'a str,
    grade_meaning: &'a str,
    summary: &'a str,
    assumed: Option<&'a str>,
    completed: String,
    previous: String,
    window: Option<(String, String, String)>,
    actor: Option<&'a str>,
    reasons: Vec<(String, &'a str, String)>,
    rivals: Vec<(String, &'a str, String)>,
    open_questions: Vec<(String, &'a str, String)>,
    /// Rendered.
    snapshots: String,
    /// The row of the table that says how to collect it.
    missing: Vec<(usize, &'a str)>,
}

/// The table of all packages, in reading order.
pub(super) fn all(order: &[&PackageCase]) -> String {
    let mut sick = 0;
    let rows = order
        .iter()
        .map(|package| {
            let tally: Vec<String> = words::tally(&package.redownloads)
                .iter()
                .map(|(verdict, times)| format!("{times} × {}", verdict.name()))
                .collect();
            let link = (health(package) == Health::Sick).then_some(sick);
            sick += usize::from(link.is_some());
            PackageRow {
                link,
                name: words::title(package),
                id: package.id.to_string(),
                server: or_dash(package.server.as_deref()),
                state: package.state.name(),
                downloads: package.downloads.len(),
                again: package.redownloads.len(),
                verdicts: tally.join(", "),
                missing: package.missing_while_ready.len(),
            }
        })
        .collect();
    rendered(&All { rows })
}

struct PackageRow {
    /// The number of the package's section.
    link: Option<usize>,
    name: String,
    id: String,
    server: String,
    state: &'static str,
    downloads: usize,
    again: usize,
    verdicts: String,
    missing: usize,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="all" aria-labelledby="all-title">
<h2 id="all-title">All packages</h2>
<div class="wide" role="group" aria-label="All packages" tabindex="0"><table>
<caption>Packages, those that were downloaded again first</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Id</th><th scope="col">Server</th><th scope="col">Last state</th><th scope="col" class="number">Downloads</th><th scope="col" class="number">Again</th><th scope="col">Verdicts</th><th scope="col" class="number">Listings with files missing while Ready</th></tr></thead>
<tbody>
{% for row in rows %}<tr><th scope="row" class="text">{% if let Some(number) = row.link %}<a href="#p{{ number }}">{{ row.name }}</a>{% else %}{{ row.name }}{% endif %}</th><td class="place">{{ row.id }}</td><td class="text">{{ row.server }}</td><td>{{ row.state }}</td><td class="number">{{ row.downloads }}</td><td class="number">{{ row.again }}</td><td>{{ row.verdicts }}</td><td class="number">{{ row.missing }}</td></tr>
{% endfor %}</tbody>
</table></div>
</section>"##
)]
struct All {
    rows: Vec<PackageRow>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn a_download_that_was_given_up_never_completed_and_an_open_one_is_not_known_to_have() {
        let mut one = fixture::case().packages[0].downloads[0].clone();
        let told = |one: &Download| completed(one.completed.as_ref(), Some(one));
        assert!(told(&one).starts_with("20"));
        one.completed = None;
        one.given_up = true;
        assert_eq!(told(&one), "never; it was given up");
        one.given_up = false;
        assert_eq!(told(&one), "–");
        assert_eq!(completed(None, None), "–");
    }
}
