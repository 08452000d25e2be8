package io.metdc.listings.watch;

import static io.metdc.listings.watch.NoticesServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.Network;
import io.metdc.listings.Contract;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeBodyTest {
    private static final Instant LISTED = Instant.parse("2026-08-21T02:22:40Z");
    private static final String ETHEREUM = "0xD533a949740bb3306d119CC777fa900bA034cd52";

    private static Optional<Instant> opening(String cell) {
        return NoticeBody.read(
                        "|디지털 자산|마켓|네트워크|입출금 개시|거래지원 개시 시점|\r\n|---|---|:-:|---|---|\r\n"
                                + "|커브(CRV)|KRW, USDT|Ethereum|8월 21일 12시|" + cell + "|\r\n",
                        LISTED)
                .opening("CRV", "KRW");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            8월 21일 20시 45분 예정                          | 2026-08-21T11:45:00Z
            8월 21일 17시 예정                               | 2026-08-21T08:00:00Z
            8월 22일(토) 오후 3시                            | 2026-08-22T06:00:00Z
            2026년 8월 21일 오전 12시 5분                    | 2026-08-20T15:05:00Z
            2026-08-21 14:00 KST 예정                        | 2026-08-21T05:00:00Z
            2026.08.21 14:00                                 | 2026-08-21T05:00:00Z
            8월 21일 24시                                    | 2026-08-21T15:00:00Z
            기존 8월 21일 17시 변경 8월 21일 18시 30분       | 2026-08-21T09:30:00Z
            8월 21일 17시 → 8월 21일 19시                    | 2026-08-21T10:00:00Z
            변경 전 : 8월 21일 17시 변경 후 : 8월 21일 20시  | 2026-08-21T11:00:00Z
            (연기) 8월 21일 20시                             | 2026-08-21T11:00:00Z
            ~~8월 21일 17시~~ 8월 21일 20시                  | 2026-08-21T11:00:00Z
            <del>8월 21일 17시</del> 8월 21일 20시           | 2026-08-21T11:00:00Z
            """)
    void all_wordings_of_an_opening_are_read_in_korean_time(String cell, Instant at) {
        assertThat(opening(cell)).contains(at);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"추후 안내 예정", "2월 30일 17시", "8월 21일 25시", "8월 21일 17시, 8월 21일 18시", "기존 8월 21일 17시", "8월 21일", ""})
    void what_is_not_certain_is_not_guessed(String cell) {
        assertThat(opening(cell)).isEmpty();
    }

    @Test
    void january_in_a_notice_of_december_is_the_next_years() {
        NoticeBody body = NoticeBody.read(
                "|디지털 자산|거래지원 개시 시점|\n|---|---|\n|가(A)|1월 2일 14시 예정|\n|나(B)|12월 31일 14시 예정|",
                Instant.parse("2026-12-31T04:00:00Z"));

        assertThat(body.opening("A", "KRW")).contains(Instant.parse("2027-01-02T05:00:00Z"));
        assertThat(body.opening("B", "KRW")).contains(Instant.parse("2026-12-31T05:00:00Z"));
    }

    @Test
    void a_table_in_html_has_an_opening_for_each_coin_and_market() {
        NoticeBody body = NoticeBody.read("""
                <p>안녕하세요.</p>\r
                <table><thead><tr><th>디지털 자산</th><th>마켓</th><th>네트워크</th><th>거래지원 개시 시점</th></tr></thead>
                <tbody>
                <tr><td rowspan="2">셀레스티아(TIA)</td><td>원화</td><td rowspan="2">Celestia</td><td>8월 21일<br>17시 예정</td></tr>
                <tr><td>BTC, USDT</td><td>8월 21일 18시 예정</td></tr>
                <tr><td>아이오넷(IO)</td><td>BTC, USDT</td><td>Solana</td><td>8월 21일 19시 예정</td></tr>
                </tbody></table>
                <script>alert("8월 1일 1시")</script>
                """, LISTED);

        assertThat(body.opening("TIA", "KRW")).contains(Instant.parse("2026-08-21T08:00:00Z"));
        assertThat(body.opening("TIA", "BTC")).contains(Instant.parse("2026-08-21T09:00:00Z"));
        assertThat(body.opening("IO", "USDT")).contains(Instant.parse("2026-08-21T10:00:00Z"));
        assertThat(body.opening("IO", "KRW")).isEmpty();
        assertThat(body.opening("CRV", "KRW")).isEmpty();
        assertThat(body.contracts())
                .containsExactlyInAnyOrder(new Contract("TIA", "Celestia", ""), new Contract("IO", "Solana", ""));
    }

    @Test
    void a_line_of_text_speaks_for_all_coins_and_a_changed_time_takes_the_place_of_the_old() {
        NoticeBody plain = NoticeBody.read("거래지원 개시 시점 : 2026-08-21 14:00 KST", LISTED);
        NoticeBody changed = NoticeBody.read("""
                |디지털 자산|거래지원 개시 시점|
                |---|---|
                |가(A)|8월 21일 14시|
                |나(B)|8월 21일 14시|

                - 기존 거래지원 개시 시점 : 2026-08-21 14:00 KST
                - 나(B) 변경된 거래지원 개시 시점 : 2026-08-21 16:00 KST
                """, LISTED);

        assertThat(plain.opening("CRV", "KRW")).contains(Instant.parse("2026-08-21T05:00:00Z"));
        assertThat(changed.opening("A", "KRW")).contains(Instant.parse("2026-08-21T05:00:00Z"));
        assertThat(changed.opening("B", "KRW")).contains(Instant.parse("2026-08-21T07:00:00Z"));
    }

    @Test
    void a_contract_tells_coins_of_one_name_apart() {
        NoticeBody body = NoticeBody.read(
                "|디지털 자산|네트워크|컨트랙트 주소|\n|---|---|---|\n"
                        + "|커브(CRV)|Ethereum|[" + ETHEREUM + "](https://etherscan.io/token/" + ETHEREUM + ")|\n"
                        + "|봉크(BONK)|Solana|DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263|\n"
                        + "|가(A)|Base|확인 중|\n\n"
                        + "- 나(B) 컨트랙트 주소 : " + ETHEREUM + "\n",
                LISTED);

        assertThat(body.contracts())
                .containsExactlyInAnyOrder(
                        new Contract("CRV", "Ethereum", ETHEREUM),
                        new Contract("BONK", "Solana", "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"),
                        new Contract("A", "Base", ""),
                        new Contract("B", "", ETHEREUM));
    }

    @Test
    void an_address_beside_no_name_is_that_of_the_only_coin() {
        NoticeBody body = NoticeBody.read("* 컨트랙트 주소 : " + ETHEREUM, LISTED);

        assertThat(body.contracts("CRV", true)).containsExactly(new Contract("CRV", "", ETHEREUM));
        assertThat(body.contracts("CRV", false)).isEmpty();
    }

    private static NoticeBody listed(String... cells) {
        StringBuilder text = new StringBuilder("|디지털 자산|마켓|네트워크|거래지원 개시 시점|\n|---|---|---|---|\n");
        for (String cell : cells) {
            text.append("|도지(DOGE)|").append(cell).append("|Dogecoin|8월 21일 17시|\n");
        }
        return NoticeBody.read(text.toString(), LISTED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BTC, USDT             | BTC,USDT
            BTC, USDT 마켓        | BTC,USDT
            원화, BTC             | KRW,BTC
            KRW/USDT              | KRW,USDT
            USDT                  | USDT
            """)
    void the_table_says_on_which_markets_a_coin_is_listed(String cell, String markets) {
        assertThat(listed(cell).markets()).containsExactly(Map.entry("DOGE", List.of(markets.split(","))));
    }

    @Test
    void rows_of_one_coin_are_its_markets_together() {
        assertThat(listed("BTC", "KRW, USDT").markets())
                .containsExactly(Map.entry("DOGE", List.of("BTC", "KRW", "USDT")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "BTC, USDT (KRW 마켓 추후 안내)", "미정", "BTCX", "KRW 제외"})
    void a_cell_that_is_no_mere_list_of_markets_does_not_say_all_of_them(String cell) {
        assertThat(listed(cell).markets()).isEmpty();
        assertThat(listed("KRW", cell).markets()).isEmpty();
    }

    @Test
    void tables_that_disagree_and_tables_of_something_else_say_nothing_of_markets() {
        NoticeBody twice = NoticeBody.read("""
                |디지털 자산|마켓|네트워크|
                |---|---|---|
                |도지(DOGE)|KRW, BTC|Dogecoin|
                |커브(CRV)|KRW|Ethereum|
                |커브(CRV), 봉크(BONK)|BTC|Ethereum|

                |디지털 자산|마켓|네트워크|
                |---|---|---|
                |도지(DOGE)|BTC|Dogecoin|
                """, LISTED);
        NoticeBody prices = NoticeBody.read("""
                |디지털 자산|마켓|매도 최저가 기준 가격|
                |---|---|---|
                |도지(DOGE)|BTC|0.000001|
                """, LISTED);

        assertThat(twice.markets())
                .containsOnly(Map.entry("CRV", List.of("KRW", "BTC")), Map.entry("BONK", List.of("BTC")));
        assertThat(prices.markets()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "|||\n|||",
                "<table><tr></tr></table>",
                "<table><tr><td rowspan=99 colspan=99>자산",
                "|디지털 자산|거래지원 개시 시점|",
                "거래지원 개시 시점 : 99999999999월 9일 1시",
                "((((((((((((((((((((((((((((((((((("
            })
    void a_text_without_rhyme_or_reason_says_nothing(String text) {
        NoticeBody body = NoticeBody.read(text, LISTED);

        assertThat(body.openings()).isEmpty();
        assertThat(body.markets()).isEmpty();
        assertThat(body.contracts()).isEmpty();
    }

    private static Notice notice(String uuid, String id) {
        return new Notice(uuid, id, "제목", "거래", LISTED, LISTED, null);
    }

    private static NoticeBodies bodies(Duration between, NoticesServer... servers) throws Exception {
        var hosts = new NoticePoller.Settings(
                List.of(servers).stream().map(NoticesServer::list).toList(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                "test",
                List.of(Duration.ofSeconds(1)),
                Duration.ofSeconds(3),
                Duration.ofMinutes(10));
        return new NoticeBodies(new NoticeBodies.Settings(hosts, between), Network.DEFAULT, InstantSource.system());
    }

    @Test
    void bodies_are_fetched_one_at_a_time_with_a_pause_between() throws Exception {
        try (var server = new NoticesServer((exchange, _) ->
                        answer(exchange, 200, "{\"success\":true,\"data\":{\"id\":1,\"body\":\"본문\\r\\n\"}}"));
                NoticeBodies bodies = bodies(Duration.ofMillis(300), server)) {
            assertThat(bodies.fetch(notice("851252575", "6490"))).isEqualTo("본문\r\n");
            assertThat(bodies.fetch(notice("", "5628"))).isEqualTo("본문\r\n");

            assertThat(server.received)
                    .extracting(NoticesServer.Received::path)
                    .containsExactly("/api/v1/announcements/851252575", "/api/v1/announcements/5628");
            assertThat(server.received.getFirst().query()).containsEntry("os", "web");
            assertThat(server.received.get(1).atNanoTime()
                            - server.received.get(0).atNanoTime())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
        }
    }

    @Test
    void after_a_failure_the_older_host_is_asked_by_id() throws Exception {
        try (var gone = new NoticesServer((exchange, _) -> answer(exchange, 404, "<html>"));
                var other = new NoticesServer((exchange, _) -> answer(exchange, 200, "{\"data\":{\"body\":\"본문\"}}"));
                NoticeBodies bodies = bodies(Duration.ofMillis(10), gone, other)) {
            assertThatThrownBy(() -> bodies.fetch(notice("851252575", "6490")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("404");
            assertThat(bodies.fetch(notice("851252575", "6490"))).isEqualTo("본문");

            assertThat(other.received.getFirst().path()).isEqualTo("/api/v1/announcements/6490");
        }
    }

    @Test
    void who_is_told_to_stay_away_does_not_ask() throws Exception {
        try (var server = new NoticesServer((exchange, _) -> {
                    exchange.getResponseHeaders().set("Retry-After", "600");
                    answer(exchange, 429, "");
                });
                NoticeBodies bodies = bodies(Duration.ofMillis(10), server)) {
            assertThatThrownBy(() -> bodies.fetch(notice("1", ""))).hasMessageContaining("429");
            assertThatThrownBy(() -> bodies.fetch(notice("1", ""))).hasMessageContaining("minutes");

            assertThat(server.received).hasSize(1);
        }
    }

    @Test
    @Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void endless_texts_take_no_time() {
        for (String part : List.of(
                "<div>",
                "<table>",
                "<table><tr><td>",
                "<table><tr><td rowspan=99>x",
                "<p>|a|",
                "<b>",
                "|",
                "|a|\n",
                "~~",
                "<",
                "&",
                "가",
                "\n")) {
            long begun = System.nanoTime();
            NoticeBody.read(part.repeat(4_000_000 / part.length()), LISTED);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(part).isLessThan(Duration.ofSeconds(5));
        }
    }
}
