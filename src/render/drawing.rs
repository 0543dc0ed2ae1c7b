//! A picture before its format: what is painted, in order, in pixels of a picture of normal size.
//!
//! [`super::picture`] and the charts paint on a [`Drawing`]; [`super::png`] and [`super::svg`] write
//! it out, so that both show the same. What can be tested without pixels is tested here: no two
//! texts overlap, none leaves the picture.
//!
//! Colours are those of Okabe and Ito, told apart by colour-blind readers; shapes, letters and
//! hatching carry the same meaning, so that a black-and-white print still reads.

use super::text;
use plotters::prelude::{FontStyle, IntoFont, TextStyle};
use plotters::style::register_font;
use std::sync::OnceLock;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

pub const INK: Colour = Colour(28, 32, 36);
pub const FAINT: Colour = Colour(96, 104, 112);
pub const RIM: Colour = Colour(176, 182, 188);
pub const GRID: Colour = Colour(222, 226, 230);
pub const BAND: Colour = Colour(246, 248, 250);
pub const PAPER: Colour = Colour(255, 255, 255);
/// Okabe and Ito.
pub const ORANGE: Colour = Colour(230, 159, 0);
pub const SKY: Colour = Colour(86, 180, 233);
pub const GREEN: Colour = Colour(0, 158, 115);
pub const YELLOW: Colour = Colour(240, 228, 66);
pub const BLUE: Colour = Colour(0, 114, 178);
pub const VERMILLION: Colour = Colour(213, 94, 0);
pub const TINT: Colour = Colour(252, 232, 214);
pub const PURPLE: Colour = Colour(204, 121, 167);

/// The font of every picture, built in, so that a server without fonts draws the same.
pub const FAMILY: &str = "sans-serif";
const FONT: &[u8] = include_bytes!("fonts/DejaVuSans-subset.ttf");
/// The size of a text is the height of its line: this times the size by which SVG counts.
pub const LINE: f64 = 1.164;
/// Half the height of a capital, in sizes: below the middle of a text by this lies its foot.
pub const HALF_CAPITAL: f64 = 0.313;
/// Text is measured at this times its size, because fonts are measured in whole pixels.
const FINE: f64 = 4.0;
/// Longer texts are cut before they are measured.
const LONGEST: usize = 400;

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing that is painted. Rectangles reach up to, not including, `right` and `bottom`.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Rect {
        area: Area,
        colour: Colour,
    },
    /// Diagonal lines, `step` pixels apart, clipped to the area.
    Hatch {
        area: Area,
        step: i32,
        colour: Colour,
    },
    Polygon {
        points: Vec<(i32, i32)>,
        colour: Colour,
    },
    Circle {
        x: i32,
        y: i32,
        radius: i32,
        colour: Colour,
    },
    Text(Text),
}

impl Item {
    /// The rows that it can touch: from the first up to, not including, the second.
    pub fn reach(&self) -> (i32, i32) {
        match self {
            Item::Rect { area, .. } | Item::Hatch { area, .. } => (area.top, area.bottom),
            Item::Polygon { points, .. } => {
                let rows = || points.iter().map(|point| point.1);
                (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
            }
            Item::Circle { y, radius, .. } => (y - radius, y + radius),
            Item::Text(text) => {
                let reach = text.size as i32 + 1;
                (text.y - reach, text.y + reach)
            }
        }
    }
}

/// A rectangle, up to, not including, `right` and `bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

/// A line of text, its capitals centred on `y`.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Where the end named by `anchor` stands.
    pub x: i32,
    pub y: i32,
    pub size: f64,
    pub anchor: Anchor,
    pub colour: Colour,
    pub text: String,
    /// In pixels, as measured in the built-in font, which is wider than those that viewers put in its place.
    pub width: i32,
}

impl Text {
    /// The left end.
    pub fn left(&self) -> i32 {
        match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - self.width / 2,
            Anchor::End => self.x - self.width,
        }
    }

    /// What it covers, from the top of capitals to their foot.
    pub fn area(&self) -> Area {
        let half = (self.size * 0.4) as i32;
        Area {
            left: self.left(),
            top: self.y - half,
            right: self.left() + self.width,
            bottom: self.y + half,
        }
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub width: i32,
    pub height: i32,
    /// For readers who do not see it.
    pub title: String,
    pub items: Vec<Item>,
}

/// Makes the font known to the drawing library. An error says that it cannot be read.
pub fn font_is_there() -> Result<(), String> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    match REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok()) {
        true => Ok(()),
        false => Err("the font of the picture cannot be read".to_owned()),
    }
}

/// Whether the built-in font lacks a letter, so that each viewer shows another one in its place.
pub fn is_foreign(one: char) -> bool {
    !matches!(
        one,
        ' '..='~'
            | '\u{a0}'..='\u{17f}'
            | '\u{370}'..='\u{45f}'
            | '\u{2010}'..='\u{203a}'
            | '\u{20ac}'
            | '\u{2116}'
            | '\u{2122}'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2212}'
            | '\u{2260}'..='\u{2265}'
            | '\u{2500}'..='\u{257f}'
            | '\u{25a0}'..='\u{25ff}'
            | '\u{fffd}'
    )
}

/// Width of a text in pixels. A letter that the font lacks takes a square, as a viewer's own would.
pub fn width(text: &str, size: f64) -> i32 {
    if font_is_there().is_err() {
        return (text.chars().count() as f64 * size * 0.6) as i32;
    }
    let known: String = text.chars().filter(|one| !is_foreign(*one)).collect();
    let foreign = text.chars().count() - known.chars().count();
    let style = TextStyle::from((FAMILY, size * FINE).into_font());
    let layout = style.font.layout_box(&known).unwrap_or_default();
    let measured = f64::from(layout.1.0 - layout.0.0) / FINE;
    (measured + foreign as f64 * size).ceil() as i32 + 1
}

/// `text`, its middle left out as far as needed to fit into `room` pixels.
pub fn fit(text: &str, size: f64, room: i32) -> String {
    let whole = text::shorten(text, LONGEST);
    if width(&whole, size) <= room {
        return whole;
    }
    let (mut fits, mut too_long) = (1, whole.chars().count());
    while fits + 1 < too_long {
        let middle = fits.midpoint(too_long);
        match width(&text::shorten(&whole, middle), size) <= room {
            true => fits = middle,
            false => too_long = middle,
        }
    }
    text::shorten(&whole, fits)
}

impl Drawing {
    /// An empty picture on white paper.
    pub fn new(width: i32, height: i32, title: &str) -> Drawing {
        Drawing {
            width,
            height,
            title: title.to_owned(),
            items: vec![],
        }
    }

    /// Fills from (left, top) up to, not including, (right, bottom).
    pub fn rect(&mut self, left: i32, top: i32, right: i32, bottom: i32, colour: Colour) {
        let area = Area {
            left,
            top,
            right,
            bottom,
        };
        if right > left && bottom > top {
            self.items.push(Item::Rect { area, colour });
        }
    }

    /// The border of a rectangle, one pixel wide, inside it.
    pub fn frame(&mut self, left: i32, top: i32, right: i32, bottom: i32, colour: Colour) {
        self.rect(left, top, right, top + 1, colour);
        self.rect(left, bottom - 1, right, bottom, colour);
        self.rect(left, top, left + 1, bottom, colour);
        self.rect(right - 1, top, right, bottom, colour);
    }

    /// Diagonal lines, `step` pixels apart, clipped to the rectangle.
    pub fn hatch(&mut self, area: Area, step: i32, colour: Colour) {
        if area.right > area.left && area.bottom > area.top && step > 0 {
            self.items.push(Item::Hatch { area, step, colour });
        }
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[(i32, i32)], colour: Colour) {
        let points = points.to_vec();
        self.items.push(Item::Polygon { points, colour });
    }

    /// A filled circle.
    pub fn circle(&mut self, x: i32, y: i32, radius: i32, colour: Colour) {
        self.items.push(Item::Circle {
            x,
            y,
            radius,
            colour,
        });
    }

    /// A cross of two diagonal strokes.
    pub fn cross(&mut self, x: i32, y: i32, reach: i32, colour: Colour) {
        for turn in [1, -1] {
            let points = [
                (x - reach - 1, y - turn * reach),
                (x - reach + 1, y - turn * reach),
                (x + reach + 1, y + turn * reach),
                (x + reach - 1, y + turn * reach),
            ];
            self.polygon(&points, colour);
        }
    }

    /// Text that begins at `x`, its capitals centred on `y`.
    pub fn text(&mut self, x: i32, y: i32, size: f64, colour: Colour, text: &str) {
        self.place(Anchor::Start, x, y, size, colour, text);
    }

    /// Text with one of its ends, or its middle, at `x`.
    pub fn place(&mut self, anchor: Anchor, x: i32, y: i32, size: f64, colour: Colour, text: &str) {
        if !text.is_empty() {
            self.items.push(Item::Text(Text {
                x,
                y,
                size,
                anchor,
                colour,
                text: text.to_owned(),
                width: width(text, size),
            }));
        }
    }

    /// Every text.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.items.iter().filter_map(|item| match item {
            Item::Text(text) => Some(text),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::badly_placed;
    use super::*;

    #[test]
    fn names_are_shortened_in_the_middle_until_they_fit() {
        let name = "Übersicht-Agent für Außenstellen 12.0.4418.1000 x64";
        let wide = width(name, 17.0);
        assert_eq!(fit(name, 17.0, wide), name);
        let shown = fit(name, 17.0, wide - 1);
        assert!(width(&shown, 17.0) < wide && shown.contains('…'));
        assert!(
            shown.starts_with("Übersicht") && shown.ends_with("x64"),
            "{shown}"
        );
        // As long as possible: one letter more would not fit.
        let more = text::shorten(name, shown.chars().count() + 1);
        assert!(width(&more, 17.0) > wide - 1, "{more}");
        assert_eq!(fit(&"漢".repeat(5000), 10.0, 101), "漢漢漢漢漢…漢漢漢漢");
        assert_eq!(fit("abc", 17.0, 0).chars().count(), 1);
    }

    #[test]
    fn texts_that_overlap_or_leave_the_picture_are_found() {
        let mut drawing = Drawing::new(200, 40, "");
        drawing.text(10, 10, 14.0, INK, "one");
        drawing.text(10 + width("one", 14.0), 10, 14.0, INK, "two");
        drawing.text(10, 30, 14.0, INK, "three");
        assert_eq!(badly_placed(&drawing), [""; 0]);
        drawing.place(Anchor::End, 30, 12, 14.0, INK, "x");
        assert_eq!(badly_placed(&drawing), ["\"one\" covers \"x\""]);
        drawing.place(Anchor::End, 4, 30, 14.0, INK, "y");
        assert_eq!(badly_placed(&drawing).len(), 2);
    }
}
