//! A drawing as a PNG: the same bytes on every machine.
//!
//! Everything is drawn at twice its size and averaged, which smooths edges, and in bands of a
//! few rows, so that a picture of eighty lanes needs no more memory than one of eight.

use super::drawing::{Drawing, Item, font_is_there};
use super::picture;
use super::raster::Band;
use super::scene::Scene;
use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write;

/// Rows of the picture that are drawn at once: 1.6 MB at its normal size, which a core writes and reads
/// from its caches; each has more rows than a line of text, which is drawn anew in each that it touches.
const ROWS: i32 = 64;

/// Draws the timeline, 1,600 pixels wide; with `scale` 2 twice as large and as sharp. An error is
/// one of the drawing library and says so.
pub fn draw(scene: &Scene, scale: u32) -> Result<Vec<u8>, String> {
    write(&picture::draw(scene), scale)
}

/// A drawing as a PNG, once or twice its size.
pub fn write(drawing: &Drawing, scale: u32) -> Result<Vec<u8>, String> {
    font_is_there()?;
    let scale = scale.clamp(1, 2);
    let (wide, high) = (drawing.width.max(1), drawing.height.max(1));
    let size = (wide.unsigned_abs() * scale, high.unsigned_abs() * scale);
    let mut png = Encoder::new(size.0, size.1);
    let problem = |error| format!("the PNG is not made: {error}");
    let (mut band, mut pixels) = (Band::new(wide, scale.cast_signed()), Vec::new());
    for (top, items) in (0..high).step_by(ROWS as usize).zip(by_band(drawing)) {
        band.clear(top, ROWS.min(high - top));
        for item in items {
            band.draw(item)
                .map_err(|error| format!("the picture cannot be drawn: {error}"))?;
        }
        band.shrink(&mut pixels);
        png.rows(&pixels).map_err(problem)?;
    }
    png.finish().map_err(problem)
}

/// What touches each band, in the order in which it is drawn. One that lies above or below the picture
/// may be in the nearest.
fn by_band(drawing: &Drawing) -> Vec<Vec<&Item>> {
    let band_of = |row: i32| row.max(0) as usize / ROWS as usize;
    let mut bands = vec![Vec::new(); 1 + band_of(drawing.height - 1)];
    for item in &drawing.items {
        let (top, bottom) = item.reach();
        for band in bands
            .iter_mut()
            .take(1 + band_of(bottom - 1))
            .skip(band_of(top))
        {
            band.push(item);
        }
    }
    bands
}

/// How hard a picture is packed: 5 makes files a twentieth smaller and takes twice as long, 9 a sixth and
/// fifteen times.
const LEVEL: u32 = 4;

/// A PNG of RGB pixels, row by row. Written here because plotters encodes only into files.
struct Encoder {
    size: (u32, u32),
    packed: ZlibEncoder<Vec<u8>>,
    above: Vec<u8>,
    /// Room for rows as the format has them.
    filtered: Vec<u8>,
}

impl Encoder {
    fn new(width: u32, height: u32) -> Encoder {
        Encoder {
            size: (width, height),
            packed: ZlibEncoder::new(Vec::new(), Compression::new(LEVEL)),
            above: vec![0; width as usize * 3],
            filtered: Vec::new(),
        }
    }

    /// More rows, from top to bottom.
    fn rows(&mut self, pixels: &[u8]) -> std::io::Result<()> {
        self.filtered.clear();
        let mut above = &*self.above;
        for row in pixels.chunks_exact(above.len()) {
            // Filter "Up": rows repeat, so most differences are 0.
            self.filtered.push(2);
            let both = row.iter().zip(above);
            self.filtered
                .extend(both.map(|(now, up)| now.wrapping_sub(*up)));
            above = row;
        }
        // Not row by row: for each piece that it gets, the packer clears all its room.
        self.packed.write_all(&self.filtered)?;
        if let Some(last) = pixels.chunks_exact(self.above.len()).last() {
            self.above.copy_from_slice(last);
        }
        Ok(())
    }

    fn finish(self) -> std::io::Result<Vec<u8>> {
        let mut header = Vec::with_capacity(13);
        header.extend(self.size.0.to_be_bytes());
        header.extend(self.size.1.to_be_bytes());
        // 8 bits, RGB, deflate, adaptive filters, not interlaced.
        header.extend([8, 2, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, b"IHDR", &header);
        chunk(&mut png, b"IDAT", &self.packed.finish()?);
        chunk(&mut png, b"IEND", &[]);
        Ok(png)
    }
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut check = Crc::new();
    check.update(kind);
    check.update(data);
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(check.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::drawing::{Area, BLUE, Colour, GREEN, INK, ORANGE, PAPER, VERMILLION};
    use super::super::{fixture, scene::lay_out};
    use super::*;
    use crate::model::Case;
    use std::io::Read;

    /// Width, height and pixels, read by the rules of the format.
    fn decode(png: &[u8]) -> (u32, u32, Vec<u8>) {
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        let (width, height) = (number(16), number(20));
        let (mut at, mut packed) = (8, vec![]);
        while at < png.len() {
            let size = number(at) as usize;
            let mut check = Crc::new();
            check.update(&png[at + 4..at + 8 + size]);
            assert_eq!(check.sum(), number(at + 8 + size));
            if &png[at + 4..at + 8] == b"IDAT" {
                packed.extend(&png[at + 8..at + 8 + size]);
            }
            at += size + 12;
        }
        let mut raw = vec![];
        flate2::read::ZlibDecoder::new(packed.as_slice())
            .read_to_end(&mut raw)
            .unwrap();
        let line = width as usize * 3;
        let mut pixels = vec![0_u8; line];
        for row in raw.chunks_exact(line + 1) {
            assert_eq!(row[0], 2);
            let above = pixels[pixels.len() - line..].to_vec();
            pixels.extend(
                row[1..]
                    .iter()
                    .zip(above)
                    .map(|(one, up)| one.wrapping_add(up)),
            );
        }
        (width, height, pixels.split_off(line))
    }

    #[test]
    fn the_picture_decodes_and_is_the_same_twice() {
        let png = draw(&lay_out(&fixture::case()), 1).unwrap();
        let (width, height, pixels) = decode(&png);
        assert_eq!((width, pixels.len()), (1600, (1600 * height * 3) as usize));
        assert!((400..900).contains(&height), "{height}");
        assert!(png.len() < 200_000, "{}", png.len());
        let has = |colour: Colour| {
            pixels
                .chunks(3)
                .any(|one| one == [colour.0, colour.1, colour.2])
        };
        assert!(has(GREEN) && has(BLUE) && has(VERMILLION) && has(ORANGE) && has(INK));
        assert!(png == draw(&lay_out(&fixture::case()), 1).unwrap());
        let (width, twice, _) = decode(&draw(&lay_out(&fixture::case()), 2).unwrap());
        assert_eq!((width, twice), (3200, 2 * height));
    }

    #[test]
    fn what_is_painted_ends_before_its_right_and_lower_edge_in_every_band() {
        let mut drawing = Drawing::new(9, ROWS + 9, "");
        drawing.rect(2, ROWS - 2, 5, ROWS + 3, BLUE);
        let (width, _, pixels) = decode(&write(&drawing, 1).unwrap());
        for (number, pixel) in pixels.chunks(3).enumerate() {
            let (x, y) = (number as i32 % width as i32, number as i32 / width as i32);
            let inside = (2..5).contains(&x) && (ROWS - 2..ROWS + 3).contains(&y);
            let wanted = if inside { BLUE } else { PAPER };
            assert_eq!(pixel, [wanted.0, wanted.1, wanted.2], "{x} {y}");
        }
    }

    /// Of each kind one that lies over the seam of two bands: it is drawn as in one that lies elsewhere.
    #[test]
    fn every_kind_of_item_is_drawn_in_all_bands_that_it_touches() {
        let at = |y: i32| {
            let area = |left| Area {
                left,
                top: y - 9,
                right: left + 20,
                bottom: y + 9,
            };
            [
                Item::Rect {
                    area: area(0),
                    colour: INK,
                },
                Item::Hatch {
                    area: area(30),
                    step: 6,
                    colour: BLUE,
                },
                Item::Polygon {
                    points: vec![(60, y - 9), (80, y), (60, y + 9)],
                    colour: GREEN,
                },
                Item::Circle {
                    x: 100,
                    y,
                    radius: 9,
                    colour: ORANGE,
                },
            ]
        };
        let drawn = |number: usize, y: i32| {
            let drawing = Drawing {
                width: 128,
                height: 3 * ROWS,
                items: vec![at(y)[number].clone()],
                title: String::new(),
            };
            let (width, _, pixels) = decode(&write(&drawing, 1).unwrap());
            let row = width as usize * 3;
            let top = usize::try_from(y - 12).unwrap() * row;
            pixels[top..top + 24 * row].to_vec()
        };
        for number in 0..4 {
            // Hatches lie on lines of the picture: as far apart as their steps divide.
            let middle = drawn(number, ROWS / 2);
            assert!(middle.iter().any(|part| *part != 255));
            for seam in [ROWS, 2 * ROWS] {
                let y = if number == 1 {
                    seam - (seam - ROWS / 2) % 6
                } else {
                    seam
                };
                assert_eq!(drawn(number, y), middle, "{number} {seam}");
            }
        }
    }

    #[test]
    fn the_seam_of_two_bands_does_not_show() {
        let paint = |down: i32| {
            let mut drawing = Drawing::new(120, 2 * ROWS, "");
            let area = |left, right| Area {
                left,
                top: down - 9,
                right,
                bottom: down + 9,
            };
            drawing.hatch(area(2, 20), 4, INK);
            drawing.circle(32, down, 7, BLUE);
            drawing.polygon(&[(44, down - 9), (56, down + 9), (41, down + 5)], GREEN);
            drawing.text(62, down, 15.0, INK, "Ägypten");
            let (width, _, pixels) = decode(&write(&drawing, 1).unwrap());
            let line = width as usize * 3;
            let rows = (down - 12) as usize * line..(down + 12) as usize * line;
            pixels[rows].to_vec()
        };
        assert!(paint(ROWS - 32) == paint(ROWS));
    }

    #[test]
    fn any_case_can_be_drawn() {
        let mut foreign = fixture::case();
        foreign.packages[0].name = Some("漢字 שלום \u{1f600} \u{10ffff}".repeat(20));
        foreign.packages[1].name = Some(String::new());
        for case in [Case::default(), fixture::evil_case(), foreign] {
            decode(&draw(&lay_out(&case), 1).unwrap());
        }
    }
}
