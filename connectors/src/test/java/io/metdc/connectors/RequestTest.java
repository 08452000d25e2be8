package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.Limits.Rate;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestTest {
    private static final Market MARKET = new Market(Exchange.BINANCE, MarketType.SPOT);

    private final Connector connector = Connectors.of(MARKET).orElseThrow();

    @Test
    void a_frame_names_as_many_instruments_as_allowed() {
        List<Request> requests = Request.subscribing(connector, instruments(250, "C", 4), Instant.EPOCH);

        assertThat(requests).extracting(request -> request.instruments().size()).containsExactly(100, 100, 50);
        assertThat(requests).extracting(Request::number).containsExactly(1L, 2L, 3L);
    }

    @Test
    void a_frame_is_never_longer_than_allowed_however_long_the_names() {
        List<Instrument> instruments = instruments(300, "柴", 12);

        List<Request> requests = Request.subscribing(connector, instruments, Instant.EPOCH);

        assertThat(requests)
                .allSatisfy(request -> assertThat(request.bytes())
                        .isLessThanOrEqualTo(connector.limits().frameBytes())
                        .isLessThan(3_500));
        assertThat(requests.stream().flatMap(request -> request.instruments().stream()))
                .isEqualTo(instruments);
    }

    @Test
    void nothing_asked_is_no_frame() {
        assertThat(Request.subscribing(connector, List.of(), Instant.EPOCH)).isEmpty();
    }

    @Test
    void no_window_of_the_rate_holds_more_than_its_count() {
        var pace = new Pace(new Rate(3, Duration.ofSeconds(1)));
        long second = 1_000_000_000L;
        long now = -5 * second; // the clock of nanoTime may start anywhere

        assertThat(pace.take(now)).isZero();
        assertThat(pace.take(now + 1)).isZero();
        assertThat(pace.take(now + 2)).isZero();
        assertThat(pace.take(now + 3)).isEqualTo(second - 3);
        assertThat(pace.take(now + second)).isZero();
        assertThat(pace.take(now + second)).isEqualTo(1);
    }

    @Test
    void what_could_not_wait_makes_the_next_wait_longer() {
        var pace = new Pace(new Rate(2, Duration.ofSeconds(1)));

        assertThat(pace.take(0)).isZero();
        pace.count(400_000_000L);

        assertThat(pace.take(500_000_000L)).isEqualTo(500_000_000L);
        assertThat(pace.take(1_000_000_000L)).isZero();
        assertThat(pace.take(1_000_000_000L)).isEqualTo(400_000_000L);
    }

    private static List<Instrument> instruments(int count, String letter, int length) {
        return IntStream.range(0, count)
                .mapToObj(i -> Instrument.of(MARKET, i + letter.repeat(length) + "USDT", "X", "USDT"))
                .toList();
    }
}
