//! Pixels of a part of a drawing, twice as large in both directions as they will be.
//!
//! Own, because the rasters of the drawing library lose the right and lower edges of what is filled
//! and cannot draw what reaches above the first row. Only its letters are used.

use super::drawing::{Area, Colour, FAMILY, HALF_CAPITAL, Item, Text, is_foreign};
use plotters::prelude::{IntoFont, TextStyle};
use std::ops::Range;

/// How many fine pixels, across and down, become one.
const OVER: i32 = 2;

/// Red, green and blue in the lower three bytes: a row of such is filled and averaged many at once.
type Pixel = u32;

fn pixel(red: u8, green: u8, blue: u8) -> Pixel {
    Pixel::from_le_bytes([red, green, blue, 0])
}

/// Some rows of the picture.
pub struct Band {
    pixels: Vec<Pixel>,
    /// Fine pixels for one of the normal picture, across and down.
    times: i32,
    /// In fine pixels; `top` is the first row's distance from the picture's top.
    width: i32,
    height: i32,
    top: i32,
}

impl Band {
    /// Of a picture so wide, at `scale` times its size; without a row.
    pub fn new(width: i32, scale: i32) -> Band {
        let times = scale * OVER;
        Band {
            pixels: Vec::new(),
            times,
            width: width * times,
            height: 0,
            top: 0,
        }
    }

    /// White paper: `rows` rows of the picture, the first of them `top`.
    pub fn clear(&mut self, top: i32, rows: i32) {
        (self.top, self.height) = (top * self.times, rows * self.times);
        self.pixels.clear();
        let count = self.width as usize * self.height as usize;
        self.pixels.resize(count, pixel(255, 255, 255));
    }

    /// Draws what lies in the band. An error is one of the font.
    pub fn draw(&mut self, item: &Item) -> Result<(), String> {
        let (top, bottom) = item.reach();
        let rows = self.rows(top, bottom);
        if rows.is_empty() {
            return Ok(());
        }
        match item {
            Item::Rect { area, colour } => {
                let (from, to) = (area.left * self.times, area.right * self.times);
                for y in rows {
                    self.fill(y, from, to, *colour);
                }
            }
            Item::Hatch { area, step, colour } => {
                self.hatch(*area, rows, *step * self.times, *colour);
            }
            Item::Polygon { points, colour } => self.polygon(points, rows, *colour),
            Item::Circle {
                x,
                y,
                radius,
                colour,
            } => self.circle((*x, *y), rows, *radius, *colour),
            Item::Text(text) => self.text(text)?,
        }
        Ok(())
    }

    /// The fine rows, counted in the picture, of those from `top` to `bottom` that lie in the band.
    fn rows(&self, top: i32, bottom: i32) -> Range<i32> {
        let end = self.top + self.height;
        (top * self.times).clamp(self.top, end)..(bottom * self.times).clamp(self.top, end)
    }

    /// Fills a fine row from `from` up to, not including, `to`.
    fn fill(&mut self, y: i32, from: i32, to: i32, colour: Colour) {
        let (from, to) = (from.clamp(0, self.width), to.clamp(0, self.width));
        if from < to {
            let line = (y - self.top) as usize * self.width as usize;
            let ink = pixel(colour.0, colour.1, colour.2);
            self.pixels[line + from as usize..line + to as usize].fill(ink);
        }
    }

    fn hatch(&mut self, area: Area, rows: Range<i32>, step: i32, colour: Colour) {
        let (left, right) = (area.left * self.times, area.right * self.times);
        // Lines lie on x + y = k * step of the picture, so that neighbours join.
        for y in rows {
            let first = left - self.times + (self.times - (left + y)).rem_euclid(step);
            for x in (first..right).step_by(step as usize) {
                self.fill(y, x.max(left), (x + self.times).min(right), colour);
            }
        }
    }

    fn polygon(&mut self, points: &[(i32, i32)], rows: Range<i32>, colour: Colour) {
        let mut crossed: Vec<f64> = Vec::with_capacity(points.len());
        for y in rows {
            let middle = f64::from(y) + 0.5;
            let next = points.iter().cycle().skip(1);
            crossed.clear();
            crossed.extend(points.iter().zip(next).filter_map(|(a, b)| {
                let [ax, ay, bx, by] = [a.0, a.1, b.0, b.1].map(|one| f64::from(one * self.times));
                let share = (middle - ay) / (by - ay);
                ((ay < middle) != (by < middle)).then_some(ax + share * (bx - ax))
            }));
            crossed.sort_by(f64::total_cmp);
            for pair in crossed.chunks_exact(2) {
                self.fill(y, pair[0].round() as i32, pair[1].round() as i32, colour);
            }
        }
    }

    fn circle(&mut self, (x, y): (i32, i32), rows: Range<i32>, radius: i32, colour: Colour) {
        for row in rows {
            let down = f64::from(row - y * self.times) + 0.5;
            let reach = f64::from(radius * self.times);
            let half = (reach * reach - down * down).max(0.0).sqrt().round() as i32;
            self.fill(row, x * self.times - half, x * self.times + half, colour);
        }
    }

    fn text(&mut self, text: &Text) -> Result<(), String> {
        let size = text.size * f64::from(self.times);
        let style = TextStyle::from((FAMILY, size).into_font());
        // The library puts the foot half the size below the top, whatever the font says.
        let top = f64::from(text.y * self.times) - (0.5 - HALF_CAPITAL) * size;
        let place = (text.left() * self.times, top.floor() as i32 - self.top);
        // One box for each letter that the font lacks.
        let letter = |one| if is_foreign(one) { '\u{fffd}' } else { one };
        let shown: String = text.text.chars().map(letter).collect();
        let drawn = style.font.draw(&shown, place, |x, y, share| {
            if (0..self.width).contains(&x) && (0..self.height).contains(&y) {
                let place = &mut self.pixels[(y * self.width + x) as usize];
                let [red, green, blue, _] = place.to_le_bytes();
                let share = share.clamp(0.0, 1.0);
                let mixed = |paper: u8, ink: u8| {
                    let (paper, ink) = (f32::from(paper), f32::from(ink));
                    // Rounded; `round` is a call for each of them on most machines.
                    (paper + (ink - paper) * share + 0.5) as u8
                };
                let Colour(r, g, b) = text.colour;
                *place = pixel(mixed(red, r), mixed(green, g), mixed(blue, b));
            }
            Ok::<(), std::convert::Infallible>(())
        });
        drawn.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Puts into `small` the band in pixels of the picture, red, green and blue of each: squares of fine
    /// ones are averaged.
    pub fn shrink(&self, small: &mut Vec<u8>) {
        let width = self.width as usize;
        small.clear();
        let mut before: &[Pixel] = &[];
        for rows in self.pixels.chunks_exact(width * OVER as usize) {
            let row = small.len();
            let length = width / OVER as usize * 3;
            // Most of a picture is as the row above, and that is told fastest.
            if rows == before {
                small.extend_from_within(row - length..);
                continue;
            }
            before = rows;
            small.resize(row + length, 0);
            let (upper, lower) = rows.split_at(width);
            let squares = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            for ((above, below), pixel) in squares.zip(small[row..].chunks_exact_mut(3)) {
                let four = [above[0], above[1], below[0], below[1]];
                pixel.copy_from_slice(&mean(four).to_le_bytes()[..3]);
            }
        }
    }
}

/// The mean of four pixels, rounded. Red and blue are added at once: each has room for its sum.
fn mean(four: [Pixel; 4]) -> Pixel {
    const RED_AND_BLUE: Pixel = 0x00ff_00ff;
    const GREEN: Pixel = 0x0000_ff00;
    let sum = |part: Pixel| four.iter().map(|one| one & part).sum::<Pixel>();
    let red_and_blue = (sum(RED_AND_BLUE) + 0x0002_0002) >> 2;
    let green = (sum(GREEN) + 0x0000_0200) >> 2;
    red_and_blue & RED_AND_BLUE | green & GREEN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_four_pixels_is_averaged_by_itself() {
        for (four, expected) in [
            ([0, 0, 0, 1], 0),
            ([0, 0, 1, 1], 1),
            ([255, 255, 255, 254], 255),
            ([255; 4], 255),
            ([7, 9, 200, 31], 62),
        ] {
            for part in 0..3 {
                for others in [0, 255] {
                    let all = |one: u8| {
                        let mut bytes = [others, others, others, 0];
                        bytes[part] = one;
                        Pixel::from_le_bytes(bytes)
                    };
                    assert_eq!(
                        mean(four.map(all)),
                        all(expected),
                        "{four:?} {part} {others}"
                    );
                }
            }
        }
    }
}
