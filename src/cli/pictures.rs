//! The pictures that are drawn on request: `timeline.svg`, one for each sick package, the charts.

use super::arguments::Report;
use crate::model::{Case, PackageId};
use crate::render::scene::Scene;
use crate::render::{charts, png, svg, zoom};
use anyhow::{Result, anyhow};

/// What `--svg` and `--pictures` ask for: the name in the report folder, and the bytes. `shown` is
/// asked only if one of them is given.
pub fn draw<'s>(
    shown: impl FnOnce() -> (&'s Case, &'s Scene),
    options: &Report,
) -> Result<Vec<(String, Vec<u8>)>> {
    let mut drawn = vec![];
    if !options.svg && !options.pictures {
        return Ok(drawn);
    }
    let (case, scene) = shown();
    if options.svg {
        let bytes = svg::draw(scene).map_err(|error| problem("timeline.svg", &error))?;
        drawn.push(("timeline.svg".to_owned(), bytes.into_bytes()));
    }
    if !options.pictures {
        return Ok(drawn);
    }
    for one in zoom::all(scene) {
        let name = format!("pictures/{}.png", one.name);
        let bytes = png::draw(&one.scene, options.scale).map_err(|error| problem(&name, &error))?;
        drawn.push((name, bytes));
    }
    for chart in charts::all(case) {
        let name = format!("charts/{}", chart.name);
        let bytes = charts::png(&chart, options.scale).map_err(|error| problem(&name, &error))?;
        drawn.push((format!("{name}.svg"), charts::svg(&chart).into_bytes()));
        drawn.push((format!("{name}.png"), bytes));
    }
    Ok(drawn)
}

fn problem(name: &str, error: &str) -> anyhow::Error {
    anyhow!("cannot draw {name}: {error}")
}

/// Whether a run of ours could have made a file of this name in this folder of a report.
///
/// Nothing else in these folders is ever written over or removed.
pub fn could_be_ours(folder: &str, name: &str) -> bool {
    match folder {
        "pictures" => name.strip_suffix(".png").is_some_and(is_picture),
        "charts" => charts::CHARTS.iter().any(|kind| {
            name.strip_prefix(kind.name)
                .is_some_and(|ending| [".svg", ".png"].contains(&ending))
        }),
        _ => false,
    }
}

/// `<package id>`, or `<package id>-2` and so on for further servers.
fn is_picture(stem: &str) -> bool {
    let Some((id, number)) = stem.split_at_checked(36) else {
        return false;
    };
    let is_id = PackageId::parse(id).is_some_and(|known| known.to_string() == id);
    let is_number = number.is_empty()
        || number
            .strip_prefix('-')
            .and_then(|digits| digits.parse::<u32>().ok())
            .is_some_and(|value| value > 1 && number == format!("-{value}"));
    is_id && is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_make_are_ours() {
        let id = "1ec214b8-e862-44a9-b3a6-27d918d136a2";
        for name in [
            format!("{id}.png"),
            format!("{id}-2.png"),
            format!("{id}-10.png"),
        ] {
            assert!(could_be_ours("pictures", &name), "{name}");
            assert!(!could_be_ours("charts", &name) && !could_be_ours("", &name));
        }
        let others = [
            format!("{id}.jpg"),
            format!("{id}-1.png"),
            format!("{id}-02.png"),
            format!("{id}-.png"),
            format!("{id}x.png"),
            format!("{}.png", id.to_uppercase()),
            format!("{{{id}}}.png"),
            "holiday.png".to_owned(),
            "ü".repeat(18) + ".png",
        ];
        for name in others {
            assert!(!could_be_ours("pictures", &name), "{name}");
        }
        assert!(could_be_ours("charts", "cycle.svg") && could_be_ours("charts", "in-vain.png"));
        assert!(!could_be_ours("charts", "cycle.txt") && !could_be_ours("charts", "other.png"));
    }
}
