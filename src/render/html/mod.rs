//! `report.html`: one file, no network; the answer first, then the proof.
//!
//! The page is put together from parts, each an askama template beside the values that fill it:
//! the first screen here, packages in [`package`], other findings in [`findings`], what is missing in
//! [`missing`], evidence, problems and words in [`appendix`].
//! The interactive timeline is in [`lanes`]; without its script the page reads as well.
//! askama escapes every value; the only texts marked safe are our own style sheet and script, the
//! picture, which escapes its own, and parts that a template has rendered. A strict policy in the page's head is the second line of defence.

mod appendix;
mod charts;
mod coverage;
mod findings;
mod lanes;
mod missing;
mod package;
mod sides;

use super::argument::raw_first;
use super::text::clean_case;
use super::{Health, health, reading_order, svg, words};
use crate::model::{Case, Grade, PackageCase, SourceRef, Verdict, error_code};
use crate::render::missing::asked;
use crate::render::scene::{Scene, Shape, lay_out, shape};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write};

const STYLE: &str = concat!(include_str!("style.css"), include_str!("lanes.css"));

/// Answers on the first screen before the rest folds away.
const ANSWERS: usize = 12;

/// The report about `case`.
pub fn page(case: &Case) -> String {
    let case = &clean_case(case);
    rendered(&whole(case, &lay_out(case)))
}

/// The same into `out`, where the `scene` of the case is there already: a page of many packages has
/// megabytes.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(case: &Case, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    whole(case, scene).write_into(out)
}

fn whole(case: &Case, scene: &Scene) -> Page {
    let case = &clean_case(case);
    let order = reading_order(case);
    let sick: Vec<&PackageCase> = order
        .iter()
        .copied()
        .filter(|one| health(one) == Health::Sick)
        .collect();
    let asked = asked(&sick);
    let mut answers: Vec<Answer> = sick
        .iter()
        .enumerate()
        .map(|(number, package)| answer(case, number, package))
        .collect();
    let folded = answers.split_off(answers.len().min(ANSWERS));
    let lost: Vec<String> = case
        .problems
        .iter()
        .filter(|one| one.lost)
        .map(ToString::to_string)
        .collect();
    // What takes longest, side by side.
    let (lanes, (picture, packages)) = rayon::join(
        || lanes::section(case, scene),
        || {
            let sections = sick.par_iter().enumerate();
            let sections =
                sections.map(|(number, one)| package::section(case, number, one, &asked));
            (svg::draw(scene), sections.collect())
        },
    );
    Page {
        policy: policy(),
        style: STYLE,
        tool: words::TOOL,
        title: words::report_title(case),
        answers,
        folded,
        others: words::others(case),
        assumed: case.redownloads().any(|(_, one)| one.assumed_wording),
        nothing: case.packages.is_empty().then_some(words::NO_PACKAGE),
        servers: words::server_list(case),
        period: words::period(case),
        zone: words::zone(&case.zone),
        files: words::count(case.evidence.len(), "file"),
        problems: words::problems(case),
        lost: lost.iter().take(5).cloned().collect(),
        lost_more: lost.len().saturating_sub(5),
        // It escapes its texts itself.
        picture: picture.unwrap_or_else(|error| format!("<p>{}</p>", error.replace('<', "&lt;"))),
        alternative: alternative(case, &sick),
        lanes,
        packages,
        charts: charts::section(case),
        noticed: findings::section(case),
        missing: missing::section(case, &asked),
        all: package::all(&order),
        evidence: appendix::evidence(case),
        trouble: appendix::problems(case),
        glossary: appendix::glossary(),
    }
}

/// A template's text. Writing into a string cannot fail; if askama says so, the page shows it.
fn rendered(template: &impl Template) -> String {
    template
        .render()
        .unwrap_or_else(|error| format!("<p>{}</p>", error.to_string().replace('<', "&lt;")))
}

/// Nothing may be loaded or sent; only our own style, our own script count.
fn policy() -> String {
    let [style, script] =
        [STYLE, lanes::SCRIPT].map(|text| STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

/// For readers who do not see the picture.
fn alternative(case: &Case, sick: &[&PackageCase]) -> String {
    let told: Vec<String> = sick
        .iter()
        .take(10)
        .map(|package| {
            let marks: Vec<String> = words::tally(&package.redownloads)
                .iter()
                .map(|(verdict, times)| format!("{times} × {}", words::verdict(*verdict).plain))
                .collect();
            format!("{}: {}", words::full_title(case, package), marks.join(", "))
        })
        .collect();
    format!(
        "Timeline of {} on {}, {}. {}",
        words::count(case.packages.len(), "package"),
        words::server_list(case),
        words::period(case),
        told.join("; ")
    )
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!DOCTYPE html>
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{ title }}</title>
<style>{{ style|safe }}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
<header>
<p class="tool">{{ tool }}, report on package downloads</p>
<h1>{{ title }}</h1>
</header>
<nav aria-label="Parts of the report">
<ul>
<li><a href="#answer">Answer</a></li>
<li><a href="#timeline">Timeline</a></li>
{% if !packages.is_empty() %}<li><a href="#redownloads">Re-downloads and proof</a></li>
{% endif %}{% if !charts.is_empty() %}<li><a href="#charts">Charts</a></li>
{% endif %}{% if !noticed.is_empty() %}<li><a href="#noticed">Also noticed</a></li>
{% endif %}{% if !missing.is_empty() %}<li><a href="#missing">Missing evidence</a></li>
{% endif %}<li><a href="#all">All packages</a></li>
<li><a href="#evidence">Evidence</a></li>
<li><a href="#problems">Problems</a></li>
<li><a href="#words">How to read this</a></li>
</ul>
</nav>
<main id="main">
<section id="answer" aria-labelledby="answer-title">
<h2 id="answer-title">The answer</h2>
{% macro listed(answers) %}<ul class="answers">
{% for one in answers %}<li>
<span class="marks">{% for mark in one.marks %}{{ mark|safe }}{% endfor %}</span>
<p>{{ one.sentence }}</p>
<span class="more">{% for (grade, name) in one.grades %}<span class="grade {{ grade }}">{{ name }}</span> {% endfor %}<a href="#p{{ one.number }}">Proof</a></span>
</li>
{% endfor %}</ul>{% endmacro %}
{% if !answers.is_empty() %}{% call listed(answers) %}{% endcall %}
{% endif %}{% if !folded.is_empty() %}<details><summary>{{ folded.len() }} more of the packages that were downloaded again or had files missing</summary>
{% call listed(folded) %}{% endcall %}
</details>
{% endif %}{% if assumed %}<p class="mark-note">{{ words::ASSUMED_MARK }}</p>
{% endif %}{% if let Some(text) = nothing %}<p>{{ text }}</p>
{% endif %}{% if let Some(text) = others %}<p>{{ text }}</p>
{% endif %}<dl class="facts">
<dt>Server</dt><dd>{{ servers }}</dd>
<dt>Period</dt><dd>{{ period }}</dd>
<dt>Time zone</dt><dd>{{ zone }}</dd>
<dt>Evidence</dt><dd><a href="#evidence">{{ files }}</a></dd>
<dt>Problems</dt><dd><a href="#problems">{{ problems }}</a>{% if !lost.is_empty() %}
<ul>{% for one in lost %}<li>{{ one }}</li>{% endfor %}{% if lost_more > 0 %}<li>and {{ lost_more }} more</li>{% endif %}</ul>{% endif %}</dd>
</dl>
</section>
<section id="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline</h2>
{% if let Some(lanes) = lanes %}{{ lanes|safe }}{% endif %}
<figure id="timeline-picture">
<div role="img" aria-label="{{ alternative }}">{{ picture|safe }}</div>
<figcaption>{{ words::PICTURE }}</figcaption>
</figure>
</section>
{% if !packages.is_empty() %}<section id="redownloads" aria-labelledby="redownloads-title">
<h2 id="redownloads-title">Re-downloads and proof</h2>
{% for one in packages %}{{ one|safe }}
{% endfor %}</section>
{% endif %}{% if !charts.is_empty() %}{{ charts|safe }}
{% endif %}{% if !noticed.is_empty() %}{{ noticed|safe }}
{% endif %}{% if !missing.is_empty() %}{{ missing|safe }}
{% endif %}{{ all|safe }}
{{ evidence|safe }}
{{ trouble|safe }}
{{ glossary|safe }}
</main>
<footer>
<p>{{ tool }}. {{ words::FOOTER }}</p>
</footer>
</body>
</html>
"##
)]
struct Page {
    policy: String,
    style: &'static str,
    tool: &'static str,
    title: String,
    answers: Vec<Answer>,
    folded: Vec<Answer>,
    others: Option<String>,
    /// Whether a verdict of them rests on assumed wording.
    assumed: bool,
    nothing: Option<&'static str>,
    servers: String,
    period: String,
    zone: String,
    files: String,
    problems: String,
    lost: Vec<String>,
    lost_more: usize,
    picture: String,
    alternative: String,
    lanes: Option<lanes::Section>,
    /// Rendered.
    packages: Vec<String>,
    charts: String,
    noticed: String,
    missing: String,
    all: String,
    evidence: String,
    trouble: String,
    glossary: String,
}

/// One sentence of the first screen.
struct Answer {
    /// Leads to the section of the package.
    number: usize,
    /// Rendered.
    marks: Vec<String>,
    sentence: String,
    /// Class and text: how the answer is carried.
    grades: Vec<(&'static str, String)>,
}

fn answer(case: &Case, number: usize, package: &PackageCase) -> Answer {
    let tally = words::tally(&package.redownloads);
    let mut marks: Vec<String> = tally
        .iter()
        .map(|(verdict, _)| rendered(&Mark::of(*verdict)))
        .collect();
    if marks.is_empty() {
        marks.push(rendered(&Mark {
            shape: "missing",
            letter: '!',
        }));
    }
    let grades = [
        Grade::Proven,
        Grade::Strong,
        Grade::Likely,
        Grade::Undetermined,
    ];
    Answer {
        number,
        marks,
        sentence: words::headline(case, package),
        grades: grades
            .into_iter()
            .map(|grade| {
                let with = package.redownloads.iter().filter(|one| one.grade == grade);
                let assumed = with.clone().any(|one| one.assumed_wording);
                (grade.name(), with.count(), if assumed { "*" } else { "" })
            })
            .filter(|(_, count, _)| *count > 0)
            .map(|(name, count, mark)| (name, format!("{count} {name}{mark}")))
            .collect(),
    }
}

/// The mark of a verdict: shape and letter, as in the picture.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="mark {{ shape }}" aria-hidden="true">{{ letter }}</span>"#
)]
struct Mark {
    shape: &'static str,
    letter: char,
}

impl Mark {
    fn of(verdict: Verdict) -> Mark {
        Mark {
            shape: match shape(verdict) {
                Shape::Circle => "circle",
                Shape::Diamond => "diamond",
                Shape::Triangle => "triangle",
                Shape::Square => "square",
                Shape::Hexagon => "hexagon",
            },
            letter: words::verdict(verdict).letter,
        }
    }
}

/// Places that prove a sentence, each with its raw text; all but the first few fold away.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"{% macro listed(quotes) %}<ul class="quotes">
{% for one in quotes %}<li><span class="place">{{ one.place }}</span>{% if let Some(raw) = one.raw %}
<pre>{{ raw }}</pre>{% endif %}{% if !one.codes.is_empty() %}
<ul class="codes">{% for (spelt, words) in one.codes %}<li><code>{{ spelt }}</code> means: {{ words }}</li>{% endfor %}</ul>{% endif %}{% if !one.around.is_empty() %}
<details class="around"><summary>{{ words::AROUND }}</summary>
<pre>{% for (line, text, cited) in one.around %}<span{% if *cited %} class="cited"{% endif %}>{{ line }}: {{ text }}</span>
{% endfor %}</pre></details>{% endif %}</li>
{% endfor %}</ul>{% endmacro %}{% if !first.is_empty() %}{% call listed(first) %}{% endcall %}{% endif %}{% if !rest.is_empty() %}<details><summary>{{ rest.len() }} more places</summary>
{% call listed(rest) %}{% endcall %}</details>{% endif %}"##
)]
struct Quotes {
    first: Vec<Quote>,
    rest: Vec<Quote>,
}

/// One place with its raw text, and the error codes in it.
struct Quote {
    place: String,
    raw: Option<String>,
    /// As the text spells them, and in words.
    codes: Vec<(String, String)>,
    /// Lines with their records, this one among them; empty if there are no others.
    around: Vec<(u32, String, bool)>,
}

/// Places shown before the rest folds away.
const PLACES: usize = 4;

fn quotes(case: &Case, sources: &[SourceRef]) -> String {
    quoted(case, sources, None)
}

/// The same, with the records around each place, but for places that stand in `shown`: among the
/// records around an earlier one.
fn quotes_in_context(
    case: &Case,
    sources: &[SourceRef],
    shown: &mut BTreeSet<SourceRef>,
) -> String {
    quoted(case, sources, Some(shown))
}

/// The records before and after a place, with the one that stands there.
fn around(
    case: &Case,
    source: SourceRef,
    shown: &mut BTreeSet<SourceRef>,
) -> Vec<(u32, String, bool)> {
    let (before, after) = case.around(source);
    let raw = case.raw.contains_key(&source);
    let alone = before.is_empty() && after.is_empty() && !raw;
    // Without its own record, the nearest kept ones may be far away.
    let told = raw || case.quotes.contains_key(&source);
    if alone || !told || shown.contains(&source) {
        return vec![];
    }
    let all: Vec<SourceRef> = before.into_iter().chain([source]).chain(after).collect();
    shown.extend(&all);
    let all = all.into_iter();
    all.filter_map(|one| Some((one.line, case.written(one)?.into_owned(), one == source)))
        .collect()
}

fn quoted(
    case: &Case,
    sources: &[SourceRef],
    mut context: Option<&mut BTreeSet<SourceRef>>,
) -> String {
    let mut first: Vec<Quote> = raw_first(case, sources)
        .iter()
        .map(|source| {
            let raw = case.quotes.get(source).cloned();
            Quote {
                place: case.cite(*source),
                codes: raw.as_deref().map_or_else(Vec::new, error_code::in_text),
                raw,
                around: match &mut context {
                    Some(shown) => around(case, *source, shown),
                    None => vec![],
                },
            }
        })
        .collect();
    // One place more is not worth a click.
    let keep = if first.len() == PLACES + 1 {
        PLACES + 1
    } else {
        PLACES
    };
    let rest = first.split_off(first.len().min(keep));
    rendered(&Quotes { first, rest })
}

/// Digits in groups of three: `734,003`.
fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_policy_comes_first_and_names_style_and_script_by_their_hash() {
        let html = page(&fixture::case());
        let head = html.split("<head>\n").nth(1).unwrap();
        assert!(head.starts_with(r#"<meta http-equiv="Content-Security-Policy""#));
        for (name, begin, end) in [
            ("style", "<style>", "</style>"),
            ("script", "<script>", "</script>"),
        ] {
            let text = html.split(begin).nth(1).unwrap();
            let text = text.split(end).next().unwrap();
            let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
            assert!(head.contains(&format!("{name}-src &#39;sha256-{hash}&#39;")));
        }
        assert_eq!(html.matches("<script").count(), 3);
        assert!(!html.contains(" style=") && !html.contains(" onclick="));
        assert!(!html.contains("src=\"http") && !html.contains("url("));
    }

    #[test]
    fn the_answer_comes_before_the_proof() {
        let html = page(&fixture::case());
        let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}"));
        let order = [
            "Contoso VPN 4.1 was downloaded 4 times",
            "3 other packages are healthy",
            "W. Europe Standard Time, UTC+01:00",
            "archive is damaged after 14 of 20 entries",
            "<svg ",
            "All 12 files were gone at 02:40 on 2 November",
            "All packages</h2>",
            "9f86d081884c7d65",
            "1 record about a package",
        ];
        for pair in order[..8].windows(2) {
            assert!(place(pair[0]) < place(pair[1]), "{pair:?}");
        }
        assert!(html.contains("Directory of D:\\PkgShare\\ContosoVPN</pre>"));
        assert!(html.contains(words::ASSUMED));
    }

    #[test]
    fn codes_stand_in_words_and_advice_stands_once() {
        let html = page(&fixture::case());
        for text in [
            "<code>0x000002C3</code> means: only a part of the data was received (ERROR_RECEIVE_PARTIAL)",
            "failed with 0x000002C3 (only a part of the data was received)",
            "Missing evidence</a>",
        ] {
            assert!(html.contains(text), "{text}");
        }
        // Three re-downloads point to the one row.
        assert_eq!(
            html.matches("<a href=\"#m1\">who removed the files</a>")
                .count(),
            3
        );
        assert_eq!(
            html.matches("wevtutil epl Security security.evtx").count(),
            1
        );
        assert_eq!(html.matches("<tr id=\"m").count(), 3);
        let nothing = page(&Case::default());
        assert!(!nothing.contains("id=\"missing\"") && !nothing.contains("#missing"));
    }

    #[test]
    fn a_record_unfolds_as_written_and_once() {
        let case = fixture::case();
        let html = page(&case);
        let written = "1204: &#60;event date=&#39;Nov 3 03:00:05&#39; severity=&#39;4&#39; tickCount=&#39;77&#39; &#62;\nDownload started";
        let times: Vec<usize> = html
            .split("<details class=\"again\"")
            .map(|again| again.matches(written).count())
            .collect();
        assert_eq!(times.iter().max(), Some(&1), "{times:?}");
    }

    /// Every tag of the page, names and attribute names only. What stands in a script is no markup.
    fn tags(html: &str) -> Vec<String> {
        let html = html.replace(lanes::SCRIPT, "");
        html.split('<')
            .skip(1)
            .map(|part| {
                let name = part.split(['>', ' ', '\n']).next().unwrap_or("");
                // What closes itself, as elements of SVG do, is marked as that.
                let closed = part.split('>').next().is_some_and(|tag| tag.ends_with('/'));
                format!("{name}{}", if closed { "/" } else { "" })
            })
            .collect()
    }

    #[test]
    fn evidence_cannot_become_markup() {
        let evil = page(&fixture::evil_case());
        // The script and its two blocks, and no other.
        assert_eq!(evil.matches("<script").count(), 3);
        for text in [
            "alert(1)</script>",
            "</style>\"",
            "\" onload",
            "<b>",
            "href=\"javascript",
        ] {
            assert!(!evil.contains(text), "{text}");
        }
        assert!(
            !evil
                .chars()
                .any(|one| one != '\n' && super::super::text::is_treacherous(one))
        );
        // The same elements in the same order as when harmless text stands everywhere.
        let harmless = page(&fixture::filled_case("x"));
        assert_eq!(tags(&evil), tags(&harmless));
    }

    #[test]
    fn elements_are_balanced_and_ids_unique() {
        for case in [fixture::case(), Case::default(), fixture::large_case(60)] {
            let html = page(&case).replace(lanes::SCRIPT, "");
            let mut open: Vec<String> = vec![];
            for tag in tags(&html) {
                let empty = ["!DOCTYPE", "meta", "input", "br"].contains(&tag.as_str())
                    || tag.ends_with('/');
                if let Some(name) = tag.strip_prefix('/') {
                    assert_eq!(open.pop().as_deref(), Some(name));
                } else if !empty {
                    open.push(tag);
                }
            }
            assert!(open.is_empty());
            let mut ids: Vec<&str> = html
                .split(" id=\"")
                .skip(1)
                .filter_map(|part| part.split('"').next())
                .collect();
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all);
            for part in html.split("href=\"#").skip(1) {
                let target = part.split('"').next().unwrap_or("");
                assert!(ids.binary_search(&target).is_ok(), "{target}");
            }
        }
    }

    #[test]
    fn digits_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(734_003), "734,003");
        assert_eq!(grouped(1_000_000_u64), "1,000,000");
    }
}
