//! The table of what is missing and how to collect it, once for all re-downloads.

use super::rendered;
use crate::model::Case;
use crate::render::missing::{Asked, serves};
use askama::Template;

/// The section; empty where nothing is missing.
pub(super) fn section(case: &Case, rows: &[Asked<'_>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    rendered(&Missing {
        rows: rows
            .iter()
            .map(|row| Row {
                what: &row.missing.what,
                serves: serves(case, row),
                place: &row.missing.place,
                steps: row
                    .missing
                    .steps
                    .iter()
                    .map(|step| (step.what.as_str(), step.command.as_deref()))
                    .collect(),
                when: &row.missing.when,
            })
            .collect(),
    })
}

struct Row<'a> {
    what: &'a str,
    serves: String,
    place: &'a str,
    steps: Vec<(&'a str, Option<&'a str>)>,
    when: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="missing" aria-labelledby="missing-title">
<h2 id="missing-title">What is missing, and how to collect it</h2>
<p>{{ crate::render::words::HOW_TO_COLLECT }}</p>
<div class="wide" role="group" aria-label="Missing evidence" tabindex="0"><table class="missing-table">
<caption>The evidence that would decide what is open, and how to get it</caption>
<thead><tr><th scope="col">What is missing</th><th scope="col">Where</th><th scope="col">How</th><th scope="col">When</th></tr></thead>
<tbody>
{% for row in rows %}<tr id="m{{ loop.index }}"><th scope="row" class="text">{{ row.what }}<p class="serves">for {{ row.serves }}</p></th><td class="text">{{ row.place }}</td><td class="how"><ol>
{% for (what, command) in row.steps %}<li>{{ what }}{% if let Some(command) = command %}
<pre>{{ command }}</pre>{% endif %}</li>
{% endfor %}</ol></td><td class="text">{{ row.when }}</td></tr>
{% endfor %}</tbody>
</table></div>
</section>"##
)]
struct Missing<'a> {
    rows: Vec<Row<'a>>,
}
