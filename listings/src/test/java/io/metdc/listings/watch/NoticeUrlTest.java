package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeUrlTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://h.example/a/list          | https://h.example/a/list?os=web&page=3&per_page=20&category=trade
            https://h.example:8443/list/      | https://h.example:8443/list?os=web&page=3&per_page=20&category=trade
            """)
    void a_page_has_the_documented_query_and_no_other(URI configured, URI page) {
        assertThat(new NoticeUrl(configured).page(3)).isEqualTo(page);
    }

    @Test
    void a_notice_has_an_address_below_the_list() {
        assertThat(new NoticeUrl(URI.create("https://h.example/list/")).detail("851252575"))
                .hasToString("https://h.example/list/851252575?os=web");
    }

    @Test
    void a_password_in_an_address_is_no_part_of_the_hosts_name() {
        assertThat(new NoticeUrl(URI.create("http://me:secret@h.example:81/list")).host())
                .isEqualTo("h.example:81");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h.example/list",
                "list",
                "https:///list",
                "https://h.example/list?category=all",
                "https://h.example/list?",
                "https://h.example/#list"
            })
    void what_is_no_address_is_refused(URI address) {
        assertThatThrownBy(() -> new NoticeUrl(address)).isInstanceOf(IllegalArgumentException.class);
    }
}
