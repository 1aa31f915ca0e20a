//! `interlude verify` finds nothing where nothing is wrong, and names what is.

use diesel::RunQueryDsl;
use interlude::store::Store;

use super::{on_both, run};

on_both! {
    #[track_caller]
    fn a_wrong_counter_is_found_and_named(place) {
        run(&place, &["demo"]).is(0, "");
        run(&place, &["verify"]).is(0, "nothing is wrong");
        let store = Store::open(place.database.clone()).unwrap();
        store
            .write_here(|w| {
                diesel::sql_query("UPDATE report_counters SET reports = reports + 1").execute(w.connection)?;
                Ok(())
            })
            .unwrap();
        drop(store);
        run(&place, &["verify"]).is(5, "counter");
    }
}
