//! The snapshots around a re-download, side by side.

use super::rendered;
use crate::model::{Case, Compared, Side, SideBySide, SideRow};
use crate::render::words;
use askama::Template;

/// The table; empty where there are no two snapshots.
pub(super) fn table(case: &Case, both: Option<&SideBySide>) -> String {
    let Some(both) = both else {
        return String::new();
    };
    let head = |side: &Side| {
        (
            words::second(&side.at),
            case.cite(side.source),
            words::count(side.files, "file"),
        )
    };
    rendered(&Sides {
        before: head(&both.before),
        after: head(&both.after),
        rows: both
            .rows
            .iter()
            .filter(|row| !is_same_file(row))
            .map(line)
            .collect(),
        same: both
            .rows
            .iter()
            .filter(|row| is_same_file(row))
            .map(line)
            .collect(),
        rest: words::rest_of_snapshots(both),
    })
}

fn is_same_file(row: &SideRow) -> bool {
    matches!(row.what, Compared::File(_)) && !row.differs()
}

fn line(row: &SideRow) -> Row<'_> {
    Row {
        what: match &row.what {
            Compared::Version => "Version",
            Compared::Path => "Path",
            Compared::File(name) => name,
        },
        is_file: matches!(row.what, Compared::File(_)),
        before: words::side(row, row.before.as_deref()),
        after: words::side(row, row.after.as_deref()),
        how: words::difference(row),
    }
}

struct Row<'a> {
    what: &'a str,
    is_file: bool,
    before: String,
    after: String,
    how: &'static str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<div class="wide" role="group" aria-label="Snapshots side by side" tabindex="0"><table class="sides">
<caption>{{ words::SIDES_CAPTION }}</caption>
<thead><tr><th scope="col">What</th><th scope="col">Before: {{ before.0 }}<br><span class="place">{{ before.1 }}, {{ before.2 }}</span></th><th scope="col">After: {{ after.0 }}<br><span class="place">{{ after.1 }}, {{ after.2 }}</span></th><th scope="col">Difference</th></tr></thead>
<tbody>
{% macro listed(rows) %}{% for row in rows %}<tr class="{{ row.how }}"><th scope="row" class="text">{% if row.is_file %}<code>{{ row.what }}</code>{% else %}{{ row.what }}{% endif %}</th><td class="place">{{ row.before }}</td><td class="place">{{ row.after }}</td><td>{{ row.how }}</td></tr>
{% endfor %}{% endmacro %}{% call listed(rows) %}{% endcall %}</tbody>
</table></div>
<p>{{ rest }}</p>{% if !same.is_empty() %}
<details><summary>{{ words::same_files(same.len()) }}</summary>
<div class="wide" role="group" aria-label="Files that are the same" tabindex="0"><table class="sides">
<caption>{{ words::SAME_CAPTION }}</caption>
<thead><tr><th scope="col">File</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Difference</th></tr></thead>
<tbody>
{% call listed(same) %}{% endcall %}</tbody>
</table></div></details>{% endif %}"##
)]
struct Sides<'a> {
    /// Time, place, files.
    before: (String, String, String),
    after: (String, String, String),
    rows: Vec<Row<'a>>,
    /// Files that do not differ.
    same: Vec<Row<'a>>,
    rest: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[test]
    fn both_sides_stand_beside_each_other_and_the_rest_is_counted() {
        let case = fixture::case();
        let mut both = fixture::side_by_side();
        let html = table(&case, Some(&both));
        assert!(html.contains(
            "<tr class=\"same\"><th scope=\"row\" class=\"text\">Version</th><td class=\"place\">7</td>"
        ));
        assert!(html.contains("<code>setup.msi</code></th><td class=\"place\">10 bytes</td><td class=\"place\">12 bytes</td><td>changed</td>"));
        assert!(html.contains("11 files are the same on both sides: names, sizes and hashes."));
        both.rows[1].before = None;
        both.more_files = 5;
        both.compared_hashes = false;
        both.same_files = 1;
        let html = table(&case, Some(&both));
        assert!(html.contains("not in it</td>") && html.contains("<td>added</td>"));
        both.rows[0].before = None;
        let html = table(&case, Some(&both));
        assert!(html.contains("not stated</td>") && html.contains("<td>not comparable</td>"));
        assert!(html.contains("5 files more differ; `pkgtrail snapshots` lists them all. 1 file is the same on both sides: name and size; not every file has a hash."));
        assert_eq!(table(&case, None), "");
    }
}
