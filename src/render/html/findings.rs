//! What was noticed beside the re-downloads.

use super::{quotes, rendered};
use crate::model::Case;
use crate::render::words;
use askama::Template;

/// The section of all findings; empty if there are none.
pub(super) fn section(case: &Case) -> String {
    if case.findings.is_empty() {
        return String::new();
    }
    rendered(&Section {
        rows: case
            .findings
            .iter()
            .map(|one| Row {
                kind: one.kind,
                server: one.server.as_deref().unwrap_or("–"),
                at: words::full_or_dash(one.at.as_ref()),
                text: &one.text,
                advice: &one.advice,
                assumed: one.assumed,
                quotes: quotes(case, &one.sources),
            })
            .collect(),
    })
}

struct Row<'a> {
    kind: &'static str,
    server: &'a str,
    at: String,
    text: &'a str,
    advice: &'a str,
    assumed: bool,
    /// Rendered.
    quotes: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="noticed" aria-labelledby="noticed-title">
<h2 id="noticed-title">Also noticed</h2>
<p>What harms sooner or later, whether or not it started a download.</p>
{% for one in rows %}<h3><code>{{ one.kind }}</code> on {{ one.server }}, first seen <span class="time">{{ one.at }}</span></h3>
<p>{{ one.text }}</p>
<p>{{ one.advice }}</p>
{% if one.assumed %}<p>Assumed: it rests on wording or behaviour of the product that is not published.</p>
{% endif %}{{ one.quotes|safe }}
{% endfor %}</section>"##
)]
struct Section<'a> {
    rows: Vec<Row<'a>>,
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use crate::model::Finding;
    use crate::render::fixture;

    #[test]
    fn findings_are_shown_and_their_text_stays_text() {
        let mut case = fixture::case();
        assert!(!page(&case).contains("noticed"));
        case.findings = vec![Finding {
            kind: "shared-folder",
            package: None,
            involved: vec![],
            server: Some("PS<01>".into()),
            at: None,
            text: "<script>alert(1)</script>\u{202e}".into(),
            advice: "Give & take.".into(),
            sources: vec![case.packages[0].downloads[0].source],
            assumed: true,
        }];
        let html = page(&case);
        assert!(html.contains("<a href=\"#noticed\">Also noticed</a>"));
        assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script>alert"));
        assert!(html.contains("Give &#38; take.") && !html.contains('\u{202e}'));
        assert!(html.contains("Assumed: it rests"));
    }
}
