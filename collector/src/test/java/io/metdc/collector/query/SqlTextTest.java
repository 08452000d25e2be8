package io.metdc.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {
    private static SqlText parse(String sql) {
        return SqlText.parse(sql, Set.of("a", "minutes"));
    }

    @Test
    void a_parameter_becomes_a_question_mark_as_often_as_it_stands_there() {
        SqlText text = parse("SELECT :minutes::int, :a, :minutes, :b");

        assertThat(text.jdbc()).isEqualTo("SELECT ?::int, ?, ?, :b");
        assertThat(text.parameters()).containsExactly("minutes", "a", "minutes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ':a', ''':a'''", "SELECT E'\\':a'", "SELECT \":a\"", "SELECT $$ :a $$", "SELECT $x$ :a $$ $x$",
                "SELECT 1 -- :a", "SELECT /* :a /* ; */ :a */ 1", "SELECT x::a", "SELECT y[1:2]",
                        "SELECT 'unfinished :a",
            })
    void quotes_comments_and_casts_hold_no_parameters(String sql) {
        assertThat(parse(sql).jdbc()).isEqualTo(sql);
        assertThat(parse(sql).parameters()).isEmpty();
        assertThat(parse(sql).statements()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | 0",
                "; -- nothing | 0",
                "SELECT 1 | 1",
                "SELECT 1; | 1",
                "SELECT 1;;  /* x */ | 1",
                "SELECT 1; SELECT 2 | 2",
                "SELECT ';' | 1",
                "SELECT $$;$$; | 1",
                "SELECT 1 -- ; SELECT 2 | 1",
                "COMMIT; DELETE FROM trades | 2",
                "SELECT e';\\''; DROP TABLE x; --' | 2",
            })
    void statements_are_counted(String sql, int statements) {
        assertThat(parse(sql).statements()).isEqualTo(statements);
    }

    @Test
    void an_operator_with_a_question_mark_survives_the_driver() {
        assertThat(parse("SELECT x ? 'k', :a").jdbc()).isEqualTo("SELECT x ?? 'k', ?");
    }
}
