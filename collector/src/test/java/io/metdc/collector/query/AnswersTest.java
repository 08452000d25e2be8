package io.metdc.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.query.Column.Kind;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final List<Column> COLUMNS =
            List.of(new Column("symbol", Kind.TEXT), new Column("price", Kind.NUMBER), new Column("at", Kind.TIME));

    private static void fill(Answer answer) throws IOException {
        answer.begin(COLUMNS);
        answer.row(Arrays.asList("BTCUSDT", "65432.10000000", "2026-11-20T14:03:07.412345Z"));
        answer.row(Arrays.asList("币安", null, "2026-11-20T14:03:07Z"));
        answer.row(Arrays.asList(null, "1", null));
        answer.end();
    }

    @Test
    void a_table_puts_numbers_to_the_right_and_says_how_many_rows_there_are() throws IOException {
        StringBuilder out = new StringBuilder();
        fill(new Table(out, 80));
        assertThat(out.toString()).isEqualTo("""
                symbol            price  at
                ───────  ──────────────  ──────────────────────────
                BTCUSDT  65432.10000000  2026-11-20 14:03:07.412345
                币安                     2026-11-20 14:03:07
                                      1
                3 rows, times in UTC
                """);
    }

    @Test
    void text_gives_way_when_a_line_is_too_wide_and_numbers_never_do() throws IOException {
        StringBuilder out = new StringBuilder();
        Table table = new Table(out, 30);
        table.begin(List.of(new Column("detail", Kind.TEXT), new Column("n", Kind.NUMBER)));
        table.row(List.of("a sentence that is long", "12345678901234567890"));
        table.row(List.of("币安币安币安", "1"));
        table.end();
        assertThat(out.toString()).isEqualTo("""
                detail                       n
                ────────  ────────────────────
                a sente…  12345678901234567890
                币安币…                      1
                2 rows
                """);
    }

    @Test
    void nothing_from_outside_moves_the_cursor() throws IOException {
        StringBuilder out = new StringBuilder();
        Table table = new Table(out, 80);
        table.begin(List.of(new Column("detail", Kind.TEXT)));
        table.row(List.of("a\u001b[31mred\nb\u009bc"));
        table.end();
        assertThat(out.toString()).contains("a [31mred b c").endsWith("1 row\n");
    }

    @Test
    void a_long_answer_is_printed_while_it_comes() throws IOException {
        StringBuilder out = new StringBuilder();
        Table table = new Table(out, 80);
        table.begin(List.of(new Column("n", Kind.NUMBER)));
        for (int i = 0; i < Table.SAMPLE; i++) {
            assertThat(out).isEmpty();
            table.row(List.of(Integer.toString(i)));
        }
        assertThat(out.toString().lines()).hasSize(Table.SAMPLE + 2);
        table.row(List.of("123456"));
        table.end();
        assertThat(out.toString()).endsWith("\n999\n123456\n1001 rows\n");
    }

    @Test
    void csv_is_as_the_rfc_has_it_and_tells_nothing_from_an_empty_text() throws IOException {
        StringBuilder out = new StringBuilder();
        Csv csv = new Csv(out);
        csv.begin(List.of(new Column("a", Kind.TEXT), new Column("b,c", Kind.TEXT)));
        csv.row(Arrays.asList("say \"no\"", null));
        csv.row(List.of("", "line\nbreak"));
        csv.row(List.of(" x", "plain"));
        csv.end();
        assertThat(out.toString())
                .isEqualTo("a,\"b,c\"\r\n\"say \"\"no\"\"\",\r\n\"\",\"line\nbreak\"\r\n\" x\",plain\r\n");
    }

    @Test
    void json_is_an_object_a_line_with_exact_numbers() throws IOException {
        StringWriter out = new StringWriter();
        fill(new Json(out));
        assertThat(out.toString()).isEqualTo("""
                [
                {"symbol":"BTCUSDT","price":65432.10000000,"at":"2026-11-20T14:03:07.412345Z"},
                {"symbol":"币安","price":null,"at":"2026-11-20T14:03:07Z"},
                {"symbol":null,"price":1,"at":null}
                ]
                """);
    }

    @Test
    void json_without_rows_is_an_empty_array() throws IOException {
        StringWriter out = new StringWriter();
        Json json = new Json(out);
        json.begin(COLUMNS);
        json.end();
        assertThat(out.toString()).isEqualTo("[]\n");
    }
}
