package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.RehearsalResult.OfMarket;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalResultTest {
    private static final OfMarket SPOT = new OfMarket("binance", "spot", 40, 1_000, 0, 990, 7, 3, 0, 0);
    private static final OfMarket FUTURES = new OfMarket("binance", "futures", 40, 500, 0, 500, 0, 0, 12, 0);

    private static RehearsalResult result(OfMarket futures, String... differences) {
        return new RehearsalResult(List.of(SPOT, futures), List.of(differences), 1_234, 5_678);
    }

    @Test
    void the_json_has_the_fields_that_scripts_rely_on_and_no_other() throws Exception {
        JsonNode json = new ObjectMapper().readTree(result(FUTURES).json(null));

        assertThat(json).isEqualTo(new ObjectMapper().readTree("""
                {"markets": [
                    {"exchange": "binance", "market": "spot", "sent": 1000, "stored": 990, "duplicate": 7, "rejected": 3,
                     "consumed": 0, "holes": 0},
                    {"exchange": "binance", "market": "futures", "sent": 500, "stored": 500, "duplicate": 0,
                     "rejected": 0, "consumed": 12, "holes": 0}],
                 "totals": {"sent": 1500, "stored": 1490, "duplicate": 7, "rejected": 3, "consumed": 12, "holes": 0},
                 "first_trade_ms": 1234, "elapsed_ms": 5678, "ok": true}
                """));
    }

    @Test
    void whatever_makes_it_fail_is_named() {
        assertThat(result(FUTURES).failures()).isEmpty();
        assertThat(result(FUTURES).ok()).isTrue();

        RehearsalResult lost = result(new OfMarket("binance", "futures", 40, 500, 0, 499, 0, 0, 12, 2), "a difference");
        assertThat(lost.ok()).isFalse();
        assertThat(lost.failures())
                .containsExactly(
                        "FAILED: binance futures: 1 rows sent are unaccounted for",
                        "FAILED: binance futures: 2 holes",
                        "FAILED: a difference");
        assertThat(lost.table()).containsAll(lost.failures()).contains("not ok");

        assertThat(result(new OfMarket("binance", "futures", 40, 0, 0, 0, 0, 0, 0, 0))
                        .failures())
                .containsExactly("FAILED: binance futures: nothing was sent");
    }

    @Test
    void the_table_fits_into_80_columns() {
        OfMarket large = new OfMarket("binance", "futures", 2_000, 88_888_888, 0, 88_888_888, 0, 0, 999_999, 0);
        assertThat(result(large).table()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }
}
