//! Charts beside the timeline: one file each, and one line in [`CHARTS`].
//!
//! A chart is laid out as plain data, so that a test reads it as text ([`Chart`] implements
//! `Display`), and drawn by one renderer as SVG and PNG. Each number of it stands in its table too,
//! for readers who do not see the picture. A chart that has nothing to show is not made.

mod cycle;
mod days;
mod downloads;
mod draw;
mod errors;
mod files;
mod hours;
mod in_vain;

use super::drawing::Colour;
use super::text::clean_case;
use super::words;
use super::{png, svg as vector};
use crate::model::Case;
use std::fmt;

/// One chart: the name of its files, and how it is laid out.
pub struct Kind {
    pub name: &'static str,
    pub lay_out: fn(&Case) -> Option<Chart>,
}

/// All charts, in the order in which they are shown.
pub const CHARTS: [Kind; 6] = [
    Kind {
        name: "downloads-per-day",
        lay_out: downloads::lay_out,
    },
    Kind {
        name: "cycle",
        lay_out: cycle::lay_out,
    },
    Kind {
        name: "removal-hours",
        lay_out: hours::lay_out,
    },
    Kind {
        name: "in-vain",
        lay_out: in_vain::lay_out,
    },
    Kind {
        name: "file-differences",
        lay_out: files::lay_out,
    },
    Kind {
        name: "errors",
        lay_out: errors::lay_out,
    },
];

/// A chart before pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Of its files, without ending: one of [`CHARTS`].
    pub name: &'static str,
    pub title: String,
    /// One sentence that says how to read it.
    pub reading: String,
    pub body: Body,
    /// What the colours and patterns mean; empty where there is only one.
    pub legend: Vec<(Fill, String)>,
    /// What is left out, estimated or not known.
    pub notes: Vec<String>,
    /// Everything that is shown: what, how much.
    pub table: Vec<(String, String)>,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Upright bars, their parts on top of each other in the order of `looks`.
    Columns {
        across: String,
        up: String,
        unit: Unit,
        looks: Vec<Fill>,
        columns: Vec<(String, Vec<u64>)>,
    },
    /// Bars from left to right with their numbers.
    Bars {
        across: String,
        bars: Vec<(String, u64)>,
    },
    /// Stretches of time, in milliseconds, each a dot; ascending.
    Dots {
        across: String,
        rows: Vec<(String, Vec<i64>)>,
    },
    /// A table of short texts on colours.
    Grid {
        down: String,
        across: String,
        columns: Vec<String>,
        rows: Vec<(String, Vec<Cell>)>,
    },
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Number,
    Bytes,
}

/// A field of a grid; empty text for none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    pub fill: Fill,
}

/// A colour, or a pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Fill {
    #[default]
    None,
    Solid(Colour),
    /// On white, with a border.
    Hatched(Colour),
}

/// The charts of a case, in the order of [`CHARTS`]; those that have something to show.
pub fn all(case: &Case) -> Vec<Chart> {
    let case = &clean_case(case);
    let narrowed = words::narrowed(case);
    CHARTS
        .iter()
        .filter_map(|kind| {
            let mut chart = (kind.lay_out)(case)?;
            chart.name = kind.name;
            chart.notes.extend(narrowed.clone());
            Some(chart)
        })
        .collect()
}

/// The chart as SVG, by the rules of [`super::svg`].
pub fn svg(chart: &Chart) -> String {
    vector::write(&draw::draw(chart))
}

/// The same without the title, the reading and the notes, for a page that has them as text.
pub fn bare_svg(chart: &Chart) -> String {
    vector::write(&draw::draw_bare(chart))
}

/// The chart as a PNG, once or twice its size.
pub fn png(chart: &Chart, scale: u32) -> Result<Vec<u8>, String> {
    png::write(&draw::draw(chart), scale)
}

impl Unit {
    /// A number with its unit.
    pub fn print(self, number: u64) -> String {
        match self {
            Unit::Number => number.to_string(),
            Unit::Bytes => words::bytes(number),
        }
    }
}

impl Fill {
    fn name(self) -> &'static str {
        match self {
            Fill::None => "empty",
            Fill::Solid(_) => "solid",
            Fill::Hatched(_) => "hatched",
        }
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {}\n{}", self.name, self.title, self.reading)?;
        match &self.body {
            Body::Columns {
                across,
                up,
                unit,
                columns,
                ..
            } => {
                writeln!(out, "{up} by {across}")?;
                for (label, parts) in columns {
                    let parts: Vec<String> = parts.iter().map(|one| unit.print(*one)).collect();
                    writeln!(out, "  {label}: {}", parts.join(" + "))?;
                }
            }
            Body::Bars { across, bars } => {
                writeln!(out, "{across}")?;
                for (label, number) in bars {
                    writeln!(out, "  {label}: {number}")?;
                }
            }
            Body::Dots { across, rows } => {
                writeln!(out, "{across}")?;
                for (label, values) in rows {
                    let values: Vec<String> =
                        values.iter().map(|one| words::lasting(*one)).collect();
                    writeln!(out, "  {label}: {}", values.join(", "))?;
                }
            }
            Body::Grid {
                down,
                across,
                columns,
                rows,
            } => {
                writeln!(out, "{down} by {across}: {}", columns.join(" "))?;
                for (label, cells) in rows {
                    let cells: Vec<&str> = cells
                        .iter()
                        .map(|cell| {
                            if cell.text.is_empty() {
                                "."
                            } else {
                                &cell.text
                            }
                        })
                        .collect();
                    writeln!(out, "  {label}: {}", cells.join(" "))?;
                }
            }
        }
        for (fill, meaning) in &self.legend {
            writeln!(out, "legend: {} {meaning}", fill.name())?;
        }
        for note in &self.notes {
            writeln!(out, "note: {note}")?;
        }
        for (what, value) in &self.table {
            writeln!(out, "| {what} | {value} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::testing::{badly_placed, check_svg};
    use super::*;

    #[test]
    fn the_charts_of_the_case_read_as_text() {
        let charts = all(&fixture::case());
        let text: Vec<String> = charts.iter().map(ToString::to_string).collect();
        assert_eq!(text.join("\n"), include_str!("expected.txt"));
    }

    #[test]
    fn every_chart_of_every_case_is_well_formed_and_no_text_covers_another() {
        let mut shapes = 0;
        for (number, case) in cases().iter().enumerate() {
            for chart in all(case) {
                let picture = draw::draw(&chart);
                assert_eq!(
                    badly_placed(&picture),
                    [""; 0],
                    "case {number}: {}",
                    chart.name
                );
                assert!(picture.height < 2000, "{} {}", chart.name, picture.height);
                let svg = svg(&chart);
                check_svg(&svg);
                assert!(svg == super::svg(&chart));
                assert!(svg.len() < 150_000, "{} {}", chart.name, svg.len());
                assert!(!chart.table.is_empty() || !chart.notes.is_empty());
                shapes += picture.items.len();
            }
        }
        assert!(shapes > 1000);
    }

    #[test]
    fn a_chart_is_a_picture_of_the_size_that_is_asked_for() {
        let chart = &all(&fixture::case())[0];
        let once = png(chart, 1).unwrap();
        let width = |png: &[u8]| u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!((width(&once), width(&png(chart, 2).unwrap())), (1200, 2400));
        assert!(once == png(chart, 1).unwrap());
    }

    #[test]
    fn nothing_to_show_is_no_chart() {
        assert_eq!(all(&Case::default()), []);
        let mut names: Vec<&str> = CHARTS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHARTS.len());
    }

    /// Many packages, many days, odd and evil ones.
    fn cases() -> Vec<Case> {
        let mut long = fixture::dense_case();
        for (number, one) in long.packages[0].downloads.iter_mut().enumerate() {
            one.started.start += number as i64 * 86_400_000;
        }
        for (number, one) in long.packages[0].redownloads.iter_mut().enumerate() {
            one.started_at.start += number as i64 * 86_400_000;
        }
        let mut many = fixture::large_case(600);
        many.narrowed = Some("from 2026-11-01".into());
        vec![
            fixture::case(),
            fixture::large_case(50),
            many,
            long,
            fixture::evil_case(),
            fixture::odd_case(),
            fixture::dense_case(),
            fixture::filled_case(&"漢字".repeat(300)),
        ]
    }
}
