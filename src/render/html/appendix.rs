//! What stands at the end: evidence files, problems, and the words of the report.

use super::{Mark, coverage, grouped, rendered};
use crate::model::{Case, Grade, State, Verdict};
use crate::render::words;
use askama::Template;

/// The table of all evidence files.
pub(super) fn evidence(case: &Case) -> String {
    let files = case
        .evidence
        .iter()
        .map(|file| File {
            path: &file.path,
            kind: file.kind,
            sha256: &file.sha256,
            bytes: grouped(file.bytes),
            records: grouped(file.records),
            from: words::full_or_dash(file.from.as_ref()),
            to: file
                .to
                .filter(|to| file.from != Some(*to))
                .map(|to| words::full(&to)),
            gaps: file
                .gaps
                .iter()
                .map(|gap| format!("{} to {}", words::full(&gap.from), words::full(&gap.to)))
                .collect(),
            drawn: coverage::bar(case, file),
            matched: grouped(file.matched),
            unmatched: grouped(file.unmatched),
        })
        .collect();
    rendered(&Evidence { files })
}

struct File<'a> {
    path: &'a str,
    kind: &'a str,
    sha256: &'a str,
    bytes: String,
    records: String,
    from: String,
    /// None for one moment only.
    to: Option<String>,
    gaps: Vec<String>,
    /// Rendered.
    drawn: String,
    matched: String,
    unmatched: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="evidence" aria-labelledby="evidence-title">
<h2 id="evidence-title">Evidence</h2>
<div class="wide" role="group" aria-label="Evidence files" tabindex="0"><table class="files">
<caption>{{ words::FILES_CAPTION }}</caption>
<thead><tr><th scope="col">File</th><th scope="col">Kind</th><th scope="col">SHA-256</th><th scope="col" class="number">Bytes</th><th scope="col" class="number">Records</th><th scope="col">Covers</th><th scope="col" class="number">Matched</th><th scope="col" class="number">Unmatched</th></tr></thead>
<tbody>
{% for file in files %}<tr><th scope="row" class="place">{{ file.path }}</th><td>{{ file.kind }}</td><td class="hash">{{ file.sha256 }}</td><td class="number">{{ file.bytes }}</td><td class="number">{{ file.records }}</td><td>{{ file.drawn|safe }}<span class="time">{{ file.from }}</span>{% if let Some(to) = file.to %}<br><span class="time">{{ to }}</span>{% endif %}{% for gap in file.gaps %}<br>gap: {{ gap }}{% endfor %}</td><td class="number">{{ file.matched }}</td><td class="number">{{ file.unmatched }}</td></tr>
{% endfor %}</tbody>
</table></div>
</section>"##
)]
struct Evidence<'a> {
    files: Vec<File<'a>>,
}

/// All problems, those that lost evidence marked.
pub(super) fn problems(case: &Case) -> String {
    rendered(&Problems {
        sentence: words::problems(case),
        rows: case
            .problems
            .iter()
            .map(|one| {
                (
                    one.place.to_string(),
                    one.defect.as_str(),
                    one.cost.as_str(),
                    one.lost,
                )
            })
            .collect(),
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="problems" aria-labelledby="problems-title">
<h2 id="problems-title">Problems</h2>
<p>{{ sentence }}</p>
{% if !rows.is_empty() %}<div class="wide" role="group" aria-label="Problems" tabindex="0"><table>
<caption>{{ words::PROBLEMS_CAPTION }}</caption>
<thead><tr><th scope="col">Where</th><th scope="col">What</th><th scope="col">Cost</th><th scope="col">Evidence lost</th></tr></thead>
<tbody>
{% for (place, what, cost, lost) in rows %}<tr><th scope="row" class="place">{{ place }}</th><td class="text">{{ what }}</td><td class="text">{{ cost }}</td><td>{% if *lost %}<span class="lost">lost</span>{% else %}no{% endif %}</td></tr>
{% endfor %}</tbody>
</table></div>
{% endif %}</section>"##
)]
struct Problems<'a> {
    sentence: String,
    rows: Vec<(String, &'a str, &'a str, bool)>,
}

/// How to read the report, and what its words mean.
pub(super) fn glossary() -> String {
    rendered(&Glossary {
        how: words::HOW_TO_READ,
        verdicts: Verdict::ALL
            .into_iter()
            .map(|verdict| {
                let words = words::verdict(verdict);
                (
                    rendered(&Mark::of(verdict)),
                    words.plain,
                    verdict.name(),
                    words.meaning,
                )
            })
            .collect(),
        grades: [
            Grade::Proven,
            Grade::Strong,
            Grade::Likely,
            Grade::Undetermined,
        ]
        .map(|grade| (grade.name(), words::grade(grade)))
        .to_vec(),
        states: State::ALL
            .into_iter()
            .map(|state| (state.name(), words::state(state)))
            .collect(),
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="words" aria-labelledby="words-title">
<h2 id="words-title">How to read this</h2>
{% for text in how %}<p>{{ text }}</p>
{% endfor %}<h3>Verdicts</h3>
<dl class="words">
{% for (mark, plain, name, meaning) in verdicts %}<dt>{{ mark|safe }}{{ plain }} <code>{{ name }}</code></dt><dd>{{ meaning }}</dd>
{% endfor %}</dl>
<h3>Grades</h3>
<dl class="words">
{% for (name, meaning) in grades %}<dt><span class="grade {{ name }}">{{ name }}</span></dt><dd>{{ meaning }}</dd>
{% endfor %}</dl>
<h3>States</h3>
<dl class="words">
{% for (name, meaning) in states %}<dt>{{ name }}</dt><dd>{{ meaning }}</dd>
{% endfor %}</dl>
</section>"##
)]
struct Glossary {
    how: [&'static str; 5],
    verdicts: Vec<(String, &'static str, &'static str, &'static str)>,
    grades: Vec<(&'static str, &'static str)>,
    states: Vec<(&'static str, &'static str)>,
}
