//! A drawing as SVG, for the page and for people who zoom in.
//!
//! Made to stand inside a page with a strict policy: presentation attributes only, no style, no
//! script, no ids, nothing loaded. Neighbours of one colour become one path, so that a picture of
//! twenty lanes with a hundred thousand spans stays a few hundred kilobytes.

use super::drawing::{
    Anchor, Area, Colour, Drawing, HALF_CAPITAL, Item, LINE, Text, font_is_there, is_foreign,
};
use super::picture;
use super::scene::Scene;
use std::fmt::Write;

/// The viewer's own fonts. None is wider than the built-in one by which the texts were measured.
const FONTS: &str = "Segoe UI, Arial, DejaVu Sans, sans-serif";

/// Draws the timeline. It scales to the width that its place gives it.
pub fn draw(scene: &Scene) -> Result<String, String> {
    font_is_there()?;
    Ok(write(&picture::draw(scene)))
}

/// A drawing as SVG.
pub fn write(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{}</title>\n<path d=\"M0 0h{width}v{height}H0z\" fill=\"#fff\"/>\n",
        escape(&drawing.title)
    );
    let mut path = Path::default();
    for items in drawing.items.chunk_by(alike) {
        if let [Item::Rect { area, colour }, _, _, ..] = items {
            path.of(&mut out, Kind::Bars(*colour, area.bottom - area.top));
            items.iter().for_each(|item| path.bar(item));
            continue;
        }
        items.iter().for_each(|item| match item {
            Item::Rect { area, colour } => path.of(&mut out, Kind::Fill(*colour)).rect(*area),
            Item::Polygon { points, colour } => {
                path.of(&mut out, Kind::Fill(*colour)).polygon(points);
            }
            Item::Hatch { area, step, colour } => {
                path.of(&mut out, Kind::Lines(*colour)).hatch(*area, *step);
            }
            Item::Circle {
                x,
                y,
                radius,
                colour,
            } => path.of(&mut out, Kind::Dots(*colour, *radius)).dot(*x, *y),
            Item::Text(text) => {
                path.end(&mut out);
                write_text(&mut out, text);
            }
        });
    }
    path.end(&mut out);
    out.push_str("</svg>\n");
    out
}

/// Whether both are rectangles of one colour and height: many of them are lines of that width.
fn alike(one: &Item, next: &Item) -> bool {
    match (one, next) {
        (
            Item::Rect {
                area: a,
                colour: this,
            },
            Item::Rect {
                area: b,
                colour: that,
            },
        ) => this == that && a.bottom - a.top == b.bottom - b.top && (a.bottom - a.top) % 2 == 0,
        _ => false,
    }
}

/// What a path is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fill(Colour),
    /// With their height, even: lines from left to right.
    Bars(Colour, i32),
    Lines(Colour),
    /// With their radius: lines of no length with round ends, the shortest way to write a circle.
    Dots(Colour, i32),
}

/// What is painted in one way without a break.
#[derive(Default)]
struct Path {
    kind: Option<Kind>,
    data: String,
    /// The current point.
    at: (i32, i32),
}

impl Path {
    fn of(&mut self, out: &mut String, kind: Kind) -> &mut Path {
        if self.kind != Some(kind) {
            self.end(out);
            self.kind = Some(kind);
        }
        self
    }

    /// Writes what was begun.
    fn end(&mut self, out: &mut String) {
        let data = std::mem::take(&mut self.data);
        let _ = match self.kind.take() {
            Some(Kind::Fill(colour)) => {
                writeln!(out, "<path d=\"{data}\" fill=\"{}\"/>", hex(colour))
            }
            Some(Kind::Bars(colour, high)) => writeln!(
                out,
                "<path d=\"{data}\" stroke=\"{}\" stroke-width=\"{high}\" fill=\"none\"/>",
                hex(colour)
            ),
            Some(Kind::Lines(colour)) => writeln!(
                out,
                "<path d=\"{data}\" stroke=\"{}\" stroke-width=\".7\" fill=\"none\"/>",
                hex(colour)
            ),
            Some(Kind::Dots(colour, radius)) => writeln!(
                out,
                "<path d=\"{data}\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" fill=\"none\"/>",
                hex(colour),
                2 * radius
            ),
            None => Ok(()),
        };
    }

    /// Begins a new part, told by its distance from the last point: shorter than its place.
    fn from(&mut self, x: i32, y: i32) {
        if self.data.is_empty() {
            self.data = format!("M{x}{}", spaced(y));
        } else {
            self.step('m', x, y);
        }
        self.at = (x, y);
    }

    fn step(&mut self, command: char, x: i32, y: i32) {
        let (right, down) = (x - self.at.0, spaced(y - self.at.1));
        let _ = write!(self.data, "{command}{right}{down}");
        self.at = (x, y);
    }

    fn rect(&mut self, area: Area) {
        let (wide, high) = (area.right - area.left, area.bottom - area.top);
        self.from(area.left, area.top);
        let _ = write!(self.data, "h{wide}v{high}h{}z", -wide);
    }

    fn bar(&mut self, item: &Item) {
        if let Item::Rect { area, .. } = item {
            self.from(area.left, area.top.midpoint(area.bottom));
            let _ = write!(self.data, "h{}", area.right - area.left);
            self.at.0 = area.right;
        }
    }

    fn polygon(&mut self, points: &[(i32, i32)]) {
        // All in one turn: where two of one path overlap, turns against each other would leave a hole.
        let next = points.iter().cycle().skip(1);
        let parts = points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1);
        let mut points = points.to_vec();
        if parts.sum::<i32>() < 0 {
            points.reverse();
        }
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        self.from(first.0, first.1);
        for (x, y) in rest {
            self.step('l', *x, *y);
        }
        self.data.push('z');
        self.at = *first;
    }

    fn dot(&mut self, x: i32, y: i32) {
        self.from(x, y);
        self.data.push_str("h0");
    }

    /// The lines on x + y = k * step that cross the area.
    fn hatch(&mut self, area: Area, step: i32) {
        let mut sum = (area.left + area.top).div_euclid(step) * step + step;
        while sum < area.right + area.bottom {
            // From the upper right end to the lower left one.
            let x = (sum - area.top).min(area.right);
            let long = (x - area.left).min(area.bottom - (sum - x));
            self.from(x, sum - x);
            self.step('l', x - long, sum - x + long);
            sum += step;
        }
    }
}

/// A number after another one: a minus parts them, too.
fn spaced(number: i32) -> String {
    if number < 0 {
        number.to_string()
    } else {
        format!(" {number}")
    }
}

fn write_text(out: &mut String, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    // How wide another font draws letters that the built-in one lacks is not known: it is told.
    let fixed = match text.text.chars().any(is_foreign) {
        true => format!(
            " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
            text.width
        ),
        false => String::new(),
    };
    let foot = f64::from(text.y) + HALF_CAPITAL * text.size;
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{foot:.1}\" font-size=\"{:.1}\" fill=\"{}\"{anchor}{fixed}>{}</text>",
        text.x,
        text.size / LINE,
        hex(text.colour),
        escape(&text.text)
    );
}

fn hex(colour: Colour) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

/// Text for XML; what XML cannot hold becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            one => out.push(one),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::drawing::{BLUE, INK};
    use super::super::testing::check_svg;
    use super::super::{fixture, scene::lay_out};
    use super::*;
    use crate::model::{Case, StateSpan};

    #[test]
    fn every_case_is_well_formed_harmless_and_the_same_twice() {
        let cases = [
            Case::default(),
            fixture::case(),
            fixture::evil_case(),
            fixture::odd_case(),
            fixture::dense_case(),
            fixture::filled_case("\u{fffe}\u{1}漢"),
        ];
        for case in cases {
            let svg = draw(&lay_out(&case)).unwrap();
            check_svg(&svg);
            assert!(!svg.contains("<script") && !svg.contains('\u{fffe}'));
            assert!(svg == draw(&lay_out(&case)).unwrap());
        }
    }

    #[test]
    fn twenty_lanes_of_a_hundred_thousand_spans_stay_below_400_kilobytes() {
        let mut case = fixture::dense_case();
        let mut busy = case.packages[0].clone();
        let states = crate::model::State::ALL;
        let (from, to) = case.period.unwrap();
        let step = (to.start - from.start) / 5_000;
        busy.spans = (0..5_000)
            .map(|number| {
                let at = |number: i64| crate::model::Moment {
                    start: from.start + number * step,
                    end: from.start + number * step + 1,
                    ..from
                };
                StateSpan {
                    // The worst states with many others between them, and the rest.
                    state: states[(number * number % 97 % 9) as usize],
                    from: at(number),
                    to: at(number + 1),
                    source: fixture::source(0, 1),
                }
            })
            .collect();
        case.packages = (0..20)
            .map(|number| {
                let mut one = busy.clone();
                one.id = fixture::package(number, "").id;
                one
            })
            .collect();
        let svg = draw(&lay_out(&case)).unwrap();
        check_svg(&svg);
        assert!(svg.len() < 400_000, "{}", svg.len());
    }

    #[test]
    fn shapes_become_paths_of_one_turn_and_hatching_stays_inside() {
        let mut drawing = Drawing::new(100, 50, "a < b");
        drawing.rect(2, 3, 12, 8, BLUE);
        drawing.polygon(&[(0, 0), (0, 5), (5, 0)], BLUE);
        for left in [10, 20, 26] {
            drawing.rect(left, 3, left + 4, 7, BLUE);
        }
        drawing.circle(7, 7, 4, INK);
        drawing.circle(16, 6, 4, INK);
        drawing.hatch(
            Area {
                left: 10,
                top: 10,
                right: 22,
                bottom: 15,
            },
            5,
            INK,
        );
        drawing.place(Anchor::End, 90, 20, 10.0, INK, "x & 漢");
        let svg = write(&drawing);
        check_svg(&svg);
        let lines: Vec<&str> = svg.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "<title>a &lt; b</title>",
                "<path d=\"M0 0h100v50H0z\" fill=\"#fff\"/>",
                "<path d=\"M2 3h10v5h-10zm3-3l-5 5l0-5z\" fill=\"#0072b2\"/>",
                "<path d=\"M10 5h4m6 0h4m2 0h4\" stroke=\"#0072b2\" stroke-width=\"4\" fill=\"none\"/>",
                "<path d=\"M7 7h0m9-1h0\" stroke=\"#1c2024\" stroke-width=\"8\" stroke-linecap=\"round\" fill=\"none\"/>",
                "<path d=\"M15 10l-5 5m10-5l-5 5m7-2l-2 2\" stroke=\"#1c2024\" stroke-width=\".7\" fill=\"none\"/>",
                &format!(
                    "<text x=\"90\" y=\"23.1\" font-size=\"8.6\" fill=\"#1c2024\" text-anchor=\"end\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">x &amp; 漢</text>",
                    super::super::drawing::width("x & 漢", 10.0)
                ),
                "</svg>",
            ]
        );
    }
}
