package io.metdc.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "postgresql://db.example:5433/trades, jdbc:postgresql://db.example:5433/trades, db.example:5433/trades, metdc, -",
                "postgres://ann:s%40cret@db.example/trades, jdbc:postgresql://db.example/trades, db.example:5432/trades, ann, s@cret",
                "jdbc:postgresql://db.example/trades?user=ann&password=x&sslmode=require, jdbc:postgresql://db.example/trades?sslmode=require, db.example:5432/trades, ann, x",
                "postgresql://ann@db.example/trades?sslmode=require&user=bob, jdbc:postgresql://db.example/trades?sslmode=require, db.example:5432/trades, ann, -",
            })
    void every_usual_form_of_url_is_taken(String url, String jdbcUrl, String place, String user, String password)
            throws Exception {
        DatabaseAddress address = DatabaseAddress.parse(url, null, null);
        assertThat(address.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(address.place()).isEqualTo(place);
        assertThat(address.database()).isEqualTo("trades");
        assertThat(address.user()).isEqualTo(user);
        assertThat(address.password()).isEqualTo(password);
    }

    @Test
    void the_settings_win_over_the_url() throws Exception {
        DatabaseAddress address = DatabaseAddress.parse("postgresql://ann:x@db.example/trades", "bob", "y");
        assertThat(address.user()).isEqualTo("bob");
        assertThat(address.password()).isEqualTo("y");
        assertThat(address.url()).isEqualTo("postgresql://bob@db.example/trades");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mysql://db.example/trades",
                "db.example:5432",
                "postgresql://ann:top%secret@db.example/trades",
                "postgresql://h:port/x"
            })
    void anything_else_is_refused_without_being_quoted(String url) {
        assertThatThrownBy(() -> DatabaseAddress.parse(url, null, null))
                .isInstanceOf(DatabaseException.class)
                .hasMessageStartingWith("storage.url cannot be read")
                .hasMessageNotContaining("secret");
    }

    @Test
    void passwords_are_never_printed() throws Exception {
        String url = "postgresql://ann:top-secret@db.example/trades?password=top-secret&sslmode=require";
        assertThat(StorageSettings.external(url, "ann", "top-secret", Path.of("data"))
                        .toString())
                .doesNotContain("top-secret");
        assertThat(DatabaseAddress.parse(url, null, null).toString()).doesNotContain("top-secret");
    }
}
