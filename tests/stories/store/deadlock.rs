//! Two changes that wait for each other on PostgreSQL: both are made, and nobody hears of it. (On SQLite they
//! follow one another.)

use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use interlude::store::connection::Database;
use interlude::store::{Error, Result, Write};

use crate::support::World;

const ACCOUNTS: &str = "CREATE TABLE accounts (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL); \
     INSERT INTO accounts VALUES (1, 0), (2, 0)";

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    sum: i64,
}

fn add(write: &mut Write<'_>, id: i64) -> Result<()> {
    let sql = "UPDATE accounts SET amount = amount + 1 WHERE id = $1";
    sql_query(sql).bind::<BigInt, _>(id).execute(write.connection)?;
    Ok(())
}

#[test]
fn two_changes_that_wait_for_each_other_are_both_made() {
    let Some(world) = World::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let Database::Postgres(url) = world.store.database() else { unreachable!("it is on PostgreSQL") };
    let mut other = PgConnection::establish(url).unwrap();
    other.batch_execute(ACCOUNTS).unwrap();
    let (mut rounds, mut clean, mut made) = (0, 0, 0);
    while clean < 3 && rounds < 12 {
        rounds += 1;
        let (tell_one, one_hears) = mpsc::channel::<()>();
        let (tell_other, other_hears) = mpsc::channel::<()>();
        let both = [(1, 2, tell_other, one_hears), (2, 1, tell_one, other_hears)];
        let changes = both.map(|(first, then, tell, hears)| {
            let store = world.store.clone();
            std::thread::spawn(move || {
                let mut met = false;
                store.write_here(move |w| {
                    add(w, first)?;
                    // Each holds what the other will ask for. A second try meets nobody; neither does one whose other
                    // was refused before it came so far.
                    if !std::mem::replace(&mut met, true) {
                        let _ = tell.send(());
                        let _ = hears.recv();
                        if first == 2 {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                    }
                    add(w, then)
                })
            })
        });
        // A slow machine may have used up the time that a change has: then it is refused, and changes nothing.
        let outcomes = changes.map(|change| change.join().unwrap());
        let good = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(good >= 1, "{outcomes:?}");
        clean += i32::from(good == 2);
        made += i64::try_from(good).unwrap();
        let sum: Sum = sql_query("SELECT CAST(SUM(amount) AS BIGINT) AS sum FROM accounts")
            .get_result(&mut other)
            .unwrap();
        assert_eq!(sum.sum, 2 * made);
    }
    assert_eq!(clean, 3, "in {rounds} rounds");
    world.write(|w| add(w, 1));
    assert!(world.store.trouble().is_none(), "{:?}", world.store.trouble());

    // A lock that nobody lets go of is told as one, within the second that is promised on a machine at rest.
    other.batch_execute("BEGIN; UPDATE accounts SET amount = 0 WHERE id = 1").unwrap();
    let begun = Instant::now();
    let refused = world.store.write_here(|w| add(w, 1));
    assert!(matches!(refused, Err(Error::Locked)), "{refused:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "after {:?}", begun.elapsed());
    other.batch_execute("ROLLBACK").unwrap();
}
