//! The event table: merges what the files tell into one story, orders it, and saves it.
//!
//! The only module that knows polars. [`merge`] builds a [`Timeline`]: reports of one record from
//! several files become one event with several sources, and the events get a total order that
//! depends on what they say, not on the order or the names of the files that say it.

mod align;
#[cfg(feature = "tables")]
mod column;
#[cfg(feature = "tables")]
mod columns;
#[cfg(feature = "tables")]
mod csv;
mod merge;
#[cfg(feature = "tables")]
mod packed;
#[cfg(feature = "tables")]
mod printed;
mod row;
mod table;

pub use merge::{merge, merge_turned};
pub use row::{Cells, Row, cells};
pub use table::{Format, Paths, SaveError};

use crate::model::{Event, PackageId, Server};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All events of a case, in order.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    events: Vec<Event>,
    /// Places in `events`, of each package on each server; a table needs none of it.
    index: OnceLock<Index>,
}

type Index = BTreeMap<(PackageId, Option<Server>), Vec<usize>>;

impl Timeline {
    /// Takes events that are in order already.
    fn new(events: Vec<Event>) -> Timeline {
        Timeline {
            events,
            index: OnceLock::new(),
        }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::new();
            for (at, event) in self.events.iter().enumerate() {
                if let Some(package) = event.package {
                    let key = (package, event.server.clone());
                    index.entry(key).or_default().push(at);
                }
            }
            index
        })
    }

    /// All events, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// All events, for a change of their texts: their order and number stay.
    pub fn events_mut(&mut self) -> &mut [Event] {
        self.index.take();
        &mut self.events
    }

    /// Gives back the memory of the list, but not what its events hold: to free each by itself takes as
    /// long as to write them. For a program that ends soon.
    pub fn let_go(self) {
        self.events.into_iter().for_each(std::mem::forget);
    }

    /// The events of one package on one server, in order. Without a server: those that name none.
    pub fn of(&self, server: Option<&Server>, package: PackageId) -> impl Iterator<Item = &Event> {
        self.index()
            .get(&(package, server.cloned()))
            .into_iter()
            .flatten()
            .map(|at| &self.events[*at])
    }

    /// Every package with every server that it has events on, sorted.
    pub fn packages(&self) -> Vec<(PackageId, Option<Server>)> {
        self.index().keys().cloned().collect()
    }

    /// The events that may have happened in a stretch of the axis, in order: from `from` up to,
    /// but not including, `to`, in milliseconds.
    pub fn between(&self, from: i64, to: i64) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .filter(move |event| event.at.start < to && event.at.end > from)
    }
}

#[cfg(all(test, feature = "tables"))]
mod tests;
