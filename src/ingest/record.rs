//! A log record that is kept, as the event that it becomes.

use crate::model::{Event, FileId, Local, Moment, Record, Said, Server, SourceRef, Stamp};
use std::ops::Deref;
use std::sync::Arc;

/// A log record that is kept: it names a package, matches a message, or is an error.
///
/// There are hundreds of thousands, so each is an event from the beginning and becomes what it says
/// where it lies. Until [`LogRecord::settle`] the event's moment holds the time as written, its server
/// is the host as written, and its source names no file.
#[derive(Debug, Clone)]
pub struct LogRecord(Event);

impl Deref for LogRecord {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.0
    }
}

impl LogRecord {
    /// A record without line, time and host. What it says besides is told by `said`, too
    /// ([`beside::beside`](super::beside::beside)).
    pub fn new(record: Record, said: Arc<Said>) -> LogRecord {
        LogRecord(Event {
            at: unsettled(None),
            server: None,
            said,
            sources: [source(0)].into(),
            record: Some(record),
        })
    }

    /// The same record in a line of its file, counted from 1. `stamp` is its own time, or that of the
    /// record before it if it has none that can be read; `host` is the attribute `hostName`.
    #[must_use]
    pub fn at(mut self, line: u32, stamp: Option<Stamp>, host: Option<Server>) -> LogRecord {
        self.place(line, stamp, host);
        self
    }

    /// [`LogRecord::at`], where it lies.
    pub fn place(&mut self, line: u32, stamp: Option<Stamp>, host: Option<Server>) {
        let event = &mut self.0;
        event.at = unsettled(stamp);
        event.server = host;
        event.sources[0] = source(line);
    }

    /// The record's first line, from 1.
    pub fn line(&self) -> u32 {
        self.0.sources[0].line
    }

    /// Whether [`LogRecord::stamp`] is known.
    pub fn has_time(&self) -> bool {
        self.0.at.end >= self.0.at.start
    }

    /// The record's own time, or that of the record before it if it has none that can be read.
    pub fn stamp(&self) -> Option<Stamp> {
        let Moment {
            start,
            end,
            offset,
            shift: _,
            fraction,
        } = self.0.at;
        Some(Stamp {
            local: Local::new(start, 0),
            offset,
            lasts: u32::try_from(end - start).ok()?,
            has_year: fraction,
        })
    }

    /// What the record says. Equal records share it, and a change is of this one only.
    pub fn said_mut(&mut self) -> &mut Said {
        Arc::make_mut(&mut self.0.said)
    }

    /// How many of the records that follow say what this one says besides.
    pub fn followers(&self) -> usize {
        self.0.said.besides.as_ref().map_or(0, |more| more.len())
    }

    /// The records that say what this one says besides.
    pub fn besides(&self) -> impl Iterator<Item = LogRecord> {
        let more = self.0.said.besides.as_deref().unwrap_or_default();
        more.iter().map(|said| {
            LogRecord(Event {
                said: Arc::clone(said),
                ..self.0.clone()
            })
        })
    }

    /// Makes it the event that it is: when, on which server, in which file.
    pub fn settle(&mut self, at: Moment, server: Option<&Server>, file: FileId) {
        self.0.at = at;
        // Nearly always the host is spelled so already; to write the same would count its users anew,
        // and all threads read that count.
        if self.0.server.as_ref() != server {
            self.0.server = server.cloned();
        }
        self.0.sources[0].file = file;
    }

    /// The event, once it is settled.
    pub fn into_event(self) -> Event {
        self.0
    }
}

fn source(line: u32) -> SourceRef {
    SourceRef {
        file: FileId(u32::MAX),
        line,
    }
}

/// A time as written where a moment will be. Without one it ends before it begins, as no moment does.
fn unsettled(stamp: Option<Stamp>) -> Moment {
    let (start, lasts, offset, has_year) = match stamp {
        Some(stamp) => (
            stamp.local_ms(),
            i64::from(stamp.lasts),
            stamp.offset,
            stamp.has_year,
        ),
        None => (0, -1, None, false),
    };
    Moment {
        start,
        end: start.saturating_add(lasts),
        offset,
        shift: 0,
        fraction: has_year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn a_time_as_written_is_kept_to_the_millisecond() {
        let record = LogRecord::new(Record::default(), Arc::default());
        assert_eq!((record.stamp(), record.has_time()), (None, false));
        for year in [-100, 0, 1600, 1969, 2000, 2026, 9999] {
            for offset in [None, Some(0), Some(-720), Some(840)] {
                for (lasts, has_year) in [(0, true), (1, false), (1_000, true), (60_000, false)] {
                    let day = NaiveDate::from_ymd_opt(year, 2, 28).unwrap();
                    let stamp = Stamp {
                        local: day.and_hms_milli_opt(23, 59, 59, 999).unwrap().into(),
                        offset,
                        lasts,
                        has_year,
                    };
                    let record = record.clone().at(7, Some(stamp), Some("PS01".into()));
                    assert_eq!((record.stamp(), record.has_time()), (Some(stamp), true));
                    assert_eq!((record.line(), record.server.as_deref()), (7, Some("PS01")));
                }
            }
        }
    }
}
