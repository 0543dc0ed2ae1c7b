//! The charts, each with its numbers as a table.

use super::rendered;
use crate::model::Case;
use crate::render::{charts, words};
use askama::Template;

/// The section; empty where no chart has anything to show.
pub(super) fn section(case: &Case) -> String {
    let charts = charts::all(case);
    if charts.is_empty() {
        return String::new();
    }
    rendered(&Charts {
        charts: charts
            .into_iter()
            .map(|chart| Row {
                name: chart.name,
                // It escapes its texts itself.
                picture: charts::bare_svg(&chart),
                title: chart.title,
                reading: chart.reading,
                notes: chart.notes,
                table: chart.table,
            })
            .collect(),
    })
}

struct Row {
    name: &'static str,
    title: String,
    reading: String,
    picture: String,
    notes: Vec<String>,
    table: Vec<(String, String)>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section id="charts" aria-labelledby="charts-title">
<h2 id="charts-title">Charts</h2>
{% for chart in charts %}<section id="chart-{{ chart.name }}" aria-labelledby="chart-{{ chart.name }}-title">
<h3 id="chart-{{ chart.name }}-title">{{ chart.title }}</h3>
<p>{{ chart.reading }}</p>
<figure>
{{ chart.picture|safe }}
</figure>
{% for note in chart.notes %}<p class="note">{{ note }}</p>
{% endfor %}<details><summary>{{ words::CHART_NUMBERS }}</summary>
<div class="wide" role="group" aria-label="{{ chart.title }}" tabindex="0"><table>
<caption>{{ chart.title }}</caption>
<thead><tr><th scope="col">What</th><th scope="col">How much</th></tr></thead>
<tbody>
{% for (what, value) in chart.table %}<tr><th scope="row" class="text">{{ what }}</th><td>{{ value }}</td></tr>
{% endfor %}</tbody>
</table></div></details>
</section>
{% endfor %}</section>"##
)]
struct Charts {
    charts: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn each_chart_has_its_picture_and_its_numbers() {
        let case = fixture::case();
        let html = section(&case);
        let all = charts::all(&case);
        assert!(all.len() > 3);
        assert_eq!(html.matches("<svg").count(), all.len());
        for chart in all {
            assert!(html.contains(&format!("<section id=\"chart-{}\"", chart.name)));
            assert!(!chart.table.is_empty(), "{}", chart.name);
        }
        assert_eq!(section(&Case::default()), "");
    }
}
