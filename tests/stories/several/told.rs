//! Each of the two ways in which an instance learns of what others do, alone: together one would hide that
//! the other is broken.

use std::time::Duration;

use super::Instances;
use crate::support::Place;

/// By being told: looks are ten minutes apart.
#[test]
fn what_is_told_is_heard() {
    let _alone = crate::support::alone();
    let Some(place) = Place::on_postgres() else { return };
    let instances = Instances::with(&place.database, 2, &[("INTERLUDE_FOLLOW", "told")]);
    instances.tell_each_other();
    for instance in &instances.running {
        let listens = |text: String| text.contains("interlude_listening 1\n");
        instance.wait_for("/metrics", Duration::from_secs(30), |m| listens(m.text()));
    }
}

/// By looking: nothing is told, as where a pooler swallows it; and the figure says so, although the database
/// can be reached as well as ever.
#[test]
fn what_is_not_told_is_found() {
    let _alone = crate::support::alone();
    let Some(place) = Place::on_postgres() else { return };
    let instances = Instances::with(&place.database, 2, &[("INTERLUDE_FOLLOW", "looking")]);
    instances.tell_each_other();
    for instance in &instances.running {
        let figures = instance.get("/metrics").text();
        assert!(figures.contains("interlude_listening 0\n"), "{figures}");
    }
}
