//! One package of the timeline alone, on an axis of its own: for `pictures/<package id>.png`.

use super::Health;
use super::scene::{Lane, Scene, legend, ticks};
use super::text::shorten;
use std::collections::BTreeMap;

/// Shortest air at both ends of the axis, in milliseconds: half an hour.
const AIR: i64 = 1_800_000;

/// The picture of one sick package.
#[derive(Debug, Clone)]
pub struct Zoomed {
    /// Of its file, without ending: the package's id, with `-2` for the second server that has it.
    /// Nothing of it is taken from evidence but the digits of the id.
    pub name: String,
    pub scene: Scene,
}

/// The sick packages of `scene`, each alone, in the order of the case.
pub fn all(scene: &Scene) -> Vec<Zoomed> {
    let mut sick: Vec<&Lane> = scene
        .lanes
        .iter()
        .filter(|lane| lane.health == Health::Sick)
        .collect();
    sick.sort_by_key(|lane| lane.package);
    let mut seen = BTreeMap::new();
    sick.into_iter()
        .filter_map(|lane| {
            let number: &mut u32 = seen.entry(lane.id).or_default();
            *number += 1;
            let name = match *number {
                1 => lane.id.to_string(),
                number => format!("{}-{number}", lane.id),
            };
            let scene = scene.only(lane.package)?;
            Some(Zoomed { name, scene })
        })
        .collect()
}

impl Scene {
    /// The package at this place of [`crate::model::Case::packages`] alone, from the first to the
    /// last thing that is known of it, with a little air; none if the scene does not have it.
    pub fn only(&self, package: usize) -> Option<Scene> {
        let lane = self.lanes.iter().find(|lane| lane.package == package)?;
        let (from, to) = match period(lane) {
            Some((from, to)) => {
                let air = ((to - from) / 30).max(AIR);
                (from - air, to + air)
            }
            None => (self.from, self.to),
        };
        let mut lane = lane.clone();
        lane.bars.retain(|bar| bar.to >= from && bar.from <= to);
        let time = |at: i64| self.clock.local(at).format("%Y-%m-%d %H:%M").to_string();
        let server = match &lane.server {
            Some(server) => format!(" on {}", shorten(server, 40)),
            None => String::new(),
        };
        Some(Scene {
            title: shorten(&lane.name, 90),
            subtitle: format!(
                "{}{server}; {} to {}; time zone: {}",
                lane.id,
                time(from),
                time(to),
                shorten(&self.zone, 80)
            ),
            from,
            to,
            ticks: ticks(from, to, &self.clock),
            legend: legend(std::slice::from_ref(&lane)),
            lanes: vec![lane],
            more: None,
            zone: self.zone.clone(),
            clock: self.clock.clone(),
        })
    }
}

/// From the first to the last thing that is known of a package. The state in which the evidence
/// leaves it lasts to the end of all evidence, and is no reason to show all of that.
fn period(lane: &Lane) -> Option<(i64, i64)> {
    let changes = lane.bars.iter().filter(|bar| bar.source.is_some());
    let mut all: Vec<i64> = changes.map(|bar| bar.from).collect();
    all.extend(
        lane.transfers
            .iter()
            .flat_map(|one| [Some(one.from), one.to])
            .flatten(),
    );
    all.extend(lane.windows.iter().flat_map(|one| [one.from, one.to]));
    all.extend(lane.sights.iter().flat_map(|one| [one.from, one.to]));
    all.extend(lane.marks.iter().map(|one| one.at));
    all.extend(lane.gone.iter().map(|one| one.at));
    Some((all.iter().min().copied()?, all.iter().max().copied()?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::badly_placed;
    use super::super::{fixture, picture, scene::lay_out};
    use super::*;

    #[test]
    fn a_package_alone_has_its_own_axis_and_legend() {
        let mut case = fixture::case();
        let far = fixture::at("2026-12-05 00:00:00");
        case.period = case.period.map(|(from, _)| (from, far));
        for span in case
            .packages
            .iter_mut()
            .filter_map(|one| one.spans.last_mut())
        {
            span.to = far;
        }
        let scene = lay_out(&case);
        let office = scene.only(1).unwrap();
        assert_eq!(office.lanes.len(), 1);
        assert_eq!(office.title, "Office Add-ins <b>2026</b>");
        // 2026-10-28 00:00:12 to 10-31 14:31, and a thirtieth of it at both ends.
        assert_eq!(
            office.subtitle,
            "1ec214b8-e862-44a9-b3a6-27d900000002 on PS01; 2026-10-27 21:07 to 2026-10-31 17:24; time zone: W. Europe Standard Time, UTC+01:00 (stated in the evidence)"
        );
        let labels: Vec<&str> = office.legend.iter().map(|key| key.label()).collect();
        assert!(
            labels.contains(&"New version") && !labels.contains(&"Error"),
            "{labels:?}"
        );
        let ticks: Vec<&str> = office
            .ticks
            .iter()
            .map(|tick| tick.label.as_str())
            .collect();
        assert_eq!(ticks[..3], ["2026-10-28", "12:00", "2026-10-29"]);
        assert!(scene.only(99).is_none());
    }

    #[test]
    fn names_are_ids_and_the_second_server_has_a_number() {
        let mut case = fixture::case();
        let mut second = case.packages[0].clone();
        second.server = Some("../PS02".into());
        case.packages.insert(1, second);
        let names: Vec<String> = all(&lay_out(&case))
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(
            names,
            [
                "1ec214b8-e862-44a9-b3a6-27d900000001",
                "1ec214b8-e862-44a9-b3a6-27d900000001-2",
                "1ec214b8-e862-44a9-b3a6-27d900000002",
                "1ec214b8-e862-44a9-b3a6-27d900000003",
            ]
        );
    }

    #[test]
    fn every_package_alone_reads() {
        for case in [
            fixture::case(),
            fixture::evil_case(),
            fixture::odd_case(),
            fixture::dense_case(),
            fixture::large_case(50),
        ] {
            for one in all(&lay_out(&case)) {
                assert!(one.scene.to > one.scene.from);
                assert_eq!(
                    badly_placed(&picture::draw(&one.scene)),
                    [""; 0],
                    "{}",
                    one.name
                );
            }
        }
    }
}
