package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusPageTest {
    private static final String FROM = "http://127.0.0.1:8080/";

    @Test
    void the_first_words_say_whether_everything_is_recorded() throws Exception {
        assertThat(page(status(true)).getFirst()).isEqualTo("EVERYTHING IS RECORDED, health 1.00");
        assertThat(page(status(false)).getFirst())
                .isEqualTo("NOT EVERYTHING IS RECORDED, health 0.50: 1 thing is wrong");
    }

    @Test
    void what_is_not_recorded_is_there_by_name_and_its_market_is_marked() throws Exception {
        List<String> page = page(status(false));

        assertThat(page)
                .anyMatch(line -> line.startsWith("! acme futures") && line.contains("0/40") && line.contains("0/1"));
        assertThat(page).anyMatch(line -> line.startsWith("  acme spot ") && line.contains("40/40"));
        assertThat(page.indexOf("NOT RECORDED")).isPositive();
        assertThat(page.get(page.indexOf("NOT RECORDED") + 1)).startsWith("  acme-futures-1    backing off for 12 s");
    }

    @Test
    void no_line_is_wider_than_the_terminal_and_nothing_from_outside_moves_its_cursor() throws Exception {
        ObjectNode status = status(false);
        String long1 = "closed: \033[2Jx\n" + "a reason with very many words ".repeat(9) + "w".repeat(200);
        status.withArray("missing").addObject().put("name", "acme-futures-2").put("why", long1);

        for (int columns : List.of(80, 100)) {
            assertThat(StatusPage.of(status, FROM, columns, false))
                    .allMatch(line -> line.length() <= columns)
                    .noneMatch(line -> line.contains("\033") || line.contains("\n"));
        }
    }

    @Test
    void a_hundred_sick_connections_leave_the_verdict_on_the_screen() throws Exception {
        ObjectNode status = status(false);
        for (int i = 0; i < 100; i++) {
            status.withArray("missing")
                    .addObject()
                    .put("name", "acme-futures-" + i)
                    .put("why", "connecting");
        }

        List<String> page = page(status);

        assertThat(page).hasSizeLessThan(40);
        assertThat(page.getFirst()).contains("101 things are wrong");
        assertThat(page).anyMatch(line -> line.contains("and 90 more"));
    }

    private static List<String> page(JsonNode status) {
        return StatusPage.of(status, FROM, 80, false);
    }

    private static ObjectNode status(boolean ready) throws IOException {
        String market = """
                {"exchange":"acme","market":"%s","instruments":40,"delivering":%d,"quiet":0,"received":500,"per_second":12.0,
                 "receipt_p50_ms":5,"receipt_p99_ms":100,"trouble":null,
                 "workers":[{"name":"acme-%s-1","state":"x","delivering":%s}]}
                """;
        return (ObjectNode) new ObjectMapper().readTree("""
                {"version":"0.1","pid":7,"phase":"running","started_at":"2026-11-21T10:00:00Z","at":"2026-11-21T12:03:00Z",
                 "ready":%s,"health":%s,"missing":[%s],"remarks":[],"stages":[],
                 "trades":{"received":1000,"per_second":24.0,"stored":900,"duplicate":60,"rejected":30,"unknown":2,
                           "consumed":5,"late":0},
                 "journal":{"lag_bytes":4096,"behind_ms":300,"waiting":0,"percent":1,"disk_percent":40,"reading":true,
                            "refusal":null},
                 "database":{"state":"writing","commit_p50_ms":10,"commit_p99_ms":50,"trouble":null},
                 "open_holes":2,"markets":[%s,%s],"listings":[]}
                """.formatted(
                        ready,
                        ready ? "1.0" : "0.5",
                        ready ? "" : "{\"name\":\"acme-futures-1\",\"why\":\"backing off for 12 s: closed\"}",
                        market.formatted("spot", 40, "spot", true),
                        market.formatted("futures", ready ? 40 : 0, "futures", ready)));
    }
}
