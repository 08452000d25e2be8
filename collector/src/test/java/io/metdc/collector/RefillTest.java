package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holes that somebody enters into the ledger by hand, and what becomes of each.
class RefillTest {
    private static final Market OKX = new Market(Exchange.OKX, MarketType.SPOT); // 100 a page, from a number down
    private static final Duration LONG = Duration.ofSeconds(40);

    /// More than one question brings when it goes down from the newest.
    private static final int TRADES = 4_000;

    @TempDir
    private Path folder;

    @Test
    void a_hole_is_called_what_it_is() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(OKX)
                        .rate(2_000)
                        .instruments(1)
                        .restWeight(1_000_000)
                        .build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitStored(TRADES);
            simulator.stopTrading();
            await().atMost(LONG).until(() -> metdc.number("SELECT count(*) FROM trades WHERE origin = 0") >= TRADES);
            long first = metdc.number("SELECT min(sequence) FROM trades WHERE origin = 0");

            // Lost with the journal: nobody knows which numbers.
            long lost = first + 100;
            metdc.execute("INSERT INTO holes (instrument_id, cause, from_time, to_time, opened_at)"
                    + " SELECT instrument_id, 'damage', min(executed_at), max(executed_at), now() - interval '1 minute'"
                    + " FROM trades WHERE sequence IN (" + (lost - 1) + ", " + (lost + 3) + ") GROUP BY 1");
            metdc.execute("DELETE FROM trades WHERE sequence BETWEEN " + lost + " AND " + (lost + 2));
            awaitOutcome(metdc, "refilled", "cause = 'damage' AND found = 3");
            assertThat(metdc.number(
                            "SELECT count(*) FROM trades WHERE sequence BETWEEN " + lost + " AND " + (lost + 2)))
                    .isEqualTo(3);

            // What the database takes in no way is public all the same.
            long refused = first + 200;
            metdc.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                    + " $$ BEGIN RAISE EXCEPTION 'no such row'; END $$");
            metdc.execute("CREATE TRIGGER refuse BEFORE INSERT ON trades FOR EACH ROW WHEN (NEW.sequence = " + refused
                    + ") EXECUTE FUNCTION refuse()");
            open(metdc, refused, "refused", "1 minute");
            metdc.execute("DELETE FROM trades WHERE sequence = " + refused);
            awaitOutcome(metdc, "beyond_reach", "cause = 'refused' AND found = 0");

            // A listing's window has it already.
            long kept = first + 300;
            metdc.execute("INSERT INTO kept_trades SELECT * FROM trades WHERE sequence = " + kept);
            open(metdc, kept, "kept", "1 minute");
            metdc.execute("DELETE FROM trades WHERE sequence = " + kept);
            awaitOutcome(metdc, "refilled", "cause = 'kept' AND tries = 0");

            // What is older than what is kept would be dropped at once.
            metdc.execute(
                    "INSERT INTO holes (instrument_id, cause, from_id, to_id, from_time, to_time, expected, opened_at)"
                            + " SELECT id, 'old', 1, 1, now() - interval '175 hours', now() - interval '174 hours', 1,"
                            + " now() - interval '174 hours' FROM instruments");
            awaitOutcome(metdc, "beyond_reach", "cause = 'old' AND tries = 0");
        }
    }

    private static void open(Rehearsed metdc, long number, String cause, String ago) throws Exception {
        metdc.execute(
                "INSERT INTO holes (instrument_id, cause, from_id, to_id, from_time, to_time, expected, opened_at)"
                        + " SELECT instrument_id, '" + cause
                        + "', sequence, sequence, executed_at, executed_at, 1, now() - interval '"
                        + ago + "' FROM trades WHERE sequence = " + number);
    }

    private static void awaitOutcome(Rehearsed metdc, String outcome, String where) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(Listed.rows(
                                metdc.collector.database(),
                                "SELECT *, " + where + " AS expected_row FROM holes ORDER BY id DESC LIMIT 1"))
                        .singleElement()
                        .satisfies(hole -> assertThat(hole)
                                .containsEntry("outcome", outcome)
                                .containsEntry("expected_row", "t")));
    }
}
