//! Days by the server's own clock, grouped by week, month or year where there are too many to read.

use crate::model::Moment;
use chrono::{Datelike, Days, Months, NaiveDate};

/// Columns that can be read.
const MOST: usize = 62;

/// Stretches of the calendar, one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    by: By,
    /// The first day of each, ascending.
    starts: Vec<NaiveDate>,
    /// Years at the front that are not shown, because there are too many.
    pub left_out: usize,
}

/// How days are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Day,
    Week,
    Month,
    Year,
}

impl By {
    fn start(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            By::Day => 0,
            By::Week => day.weekday().num_days_from_monday(),
            By::Month => day.day0(),
            By::Year => day.ordinal0(),
        };
        day.checked_sub_days(Days::new(u64::from(back)))
            .unwrap_or(day)
    }

    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            By::Day => start.checked_add_days(Days::new(1)),
            By::Week => start.checked_add_days(Days::new(7)),
            By::Month => start.checked_add_months(Months::new(1)),
            By::Year => start.checked_add_months(Months::new(12)),
        }
    }
}

impl Calendar {
    /// Everything from the first to the last of `moments`, in the finest groups that can be read.
    pub fn of(moments: impl Iterator<Item = Moment>) -> Calendar {
        let mut days: Vec<NaiveDate> = moments.map(|at| at.local().date()).collect();
        days.sort_unstable();
        days.dedup();
        for by in [By::Day, By::Week, By::Month, By::Year] {
            if let Some(starts) = whole(by, &days) {
                return Calendar {
                    by,
                    starts,
                    left_out: 0,
                };
            }
        }
        // More years than columns: those with something in them, the newest.
        let mut starts: Vec<NaiveDate> = days.iter().map(|day| By::Year.start(*day)).collect();
        starts.dedup();
        let left_out = starts.len().saturating_sub(MOST);
        Calendar {
            by: By::Year,
            starts: starts.split_off(left_out),
            left_out,
        }
    }

    /// How many columns it has.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The column of a moment; none for one before the first.
    pub fn place(&self, at: &Moment) -> Option<usize> {
        let start = self.by.start(at.local().date());
        self.starts.binary_search(&start).ok()
    }

    /// The name of each column.
    pub fn labels(&self) -> Vec<String> {
        let layout = match self.by {
            By::Day | By::Week => "%Y-%m-%d",
            By::Month => "%b %Y",
            By::Year => "%Y",
        };
        let print = |day: &NaiveDate| day.format(layout).to_string();
        self.starts.iter().map(print).collect()
    }

    /// What a column is, for the axis.
    pub fn axis(&self) -> &'static str {
        match self.by {
            By::Day => "day, by the server's clock",
            By::Week => "week from Monday, by the server's clock",
            By::Month => "month, by the server's clock",
            By::Year => "year, by the server's clock",
        }
    }

    /// `day`, `week`, `month`, `year`.
    pub fn unit(&self) -> &'static str {
        self.axis().split([' ', ',']).next().unwrap_or_default()
    }
}

/// The groups from the first to the last day, if they are not too many.
fn whole(by: By, days: &[NaiveDate]) -> Option<Vec<NaiveDate>> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Some(vec![]);
    };
    let first = by.start(*first);
    let starts: Vec<NaiveDate> = std::iter::successors(Some(first), |start| by.next(*start))
        .take_while(|start| start <= last)
        .take(MOST + 1)
        .collect();
    (starts.len() <= MOST).then_some(starts)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::at;
    use super::*;

    #[test]
    fn days_become_weeks_months_and_years_when_there_are_too_many() {
        let until = |end: &str| {
            let both = [at("2026-11-04 23:30:00"), at(end)];
            let calendar = Calendar::of(both.into_iter());
            let labels = calendar.labels();
            let last = calendar.place(&both[1]);
            assert_eq!(last, Some(calendar.len() - 1));
            (calendar.unit(), calendar.len(), labels[0].clone())
        };
        assert_eq!(
            until("2027-01-04 00:00:00"),
            ("day", 62, "2026-11-04".into())
        );
        assert_eq!(
            until("2027-01-05 00:00:00"),
            ("week", 10, "2026-11-02".into())
        );
        assert_eq!(
            until("2028-01-09 23:00:00"),
            ("week", 62, "2026-11-02".into())
        );
        assert_eq!(
            until("2028-01-10 00:00:00"),
            ("month", 15, "Nov 2026".into())
        );
        assert_eq!(until("2032-01-01 00:00:00"), ("year", 7, "2026".into()));
        assert_eq!(until("2999-01-01 00:00:00"), ("year", 2, "2026".into()));
        assert_eq!(Calendar::of(std::iter::empty()).len(), 0);
    }

    #[test]
    fn a_day_is_that_of_the_servers_clock() {
        // 23:30 UTC is the next day at +01:00.
        let moment = Moment::exact(at("2026-11-05 00:30:00").start, Some(60));
        let calendar = Calendar::of([moment].into_iter());
        assert_eq!(calendar.labels(), ["2026-11-05"]);
        let earlier = at("2026-11-04 00:30:00");
        assert_eq!(calendar.place(&earlier), None);
    }
}
