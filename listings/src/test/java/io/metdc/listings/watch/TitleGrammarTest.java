package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.listings.Listing;
import io.metdc.listings.watch.NoticeTitle.Coin;
import io.metdc.listings.watch.NoticeTitle.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Titles made by the grammar, whose answers are known because they were made.
@Timeout(60)
class TitleGrammarTest {
    private static final List<String> NAMES =
            List.of("스카인", "노바 파이낸스", "세븐큐", "라임(옛이름)", "오픈 네트워크", "이더브릿지", "유에스디노바", "Nova", "마켓체인", "스테이킹온");
    private static final List<String> SYMBOLS = List.of(
            "SKYN",
            "NOVX",
            "7Q",
            "A",
            "T",
            "W",
            "ID",
            "ME",
            "OPEN",
            "1CAT",
            "LONGTICKER12",
            "BTC",
            "USDT",
            "ETH",
            "0",
            "USDX");
    private static final List<List<String>> MARKETS = List.of(
            List.of("KRW"),
            List.of("KRW", "BTC"),
            List.of("KRW", "USDT"),
            List.of("KRW", "BTC", "USDT"),
            List.of("BTC", "USDT"),
            List.of("BTC"),
            List.of("USDT"),
            List.of("BTC", "ETH"));
    private static final List<String> HARMLESS = List.of(
            "(매도 최저가 기준 가격 안내)",
            "(매도 주문 제한 기준 가격 변경 안내)",
            "(주문 타입 제한 관련 안내)",
            "(명칭 변경 안내)",
            "(거래지원 개시 시점 안내)",
            "(거래지원 개시 시점 및 매도 최저가 기준 가격 안내)",
            "(입출금 서비스 개시 안내 및 거래지원 개시 시점 안내)",
            "(업비트 거래 이벤트 안내)",
            "(BTC 마켓 출금 수수료 일시 상향 안내)");

    private final Random random = new Random(20_261_121);

    private record Made(String title, NoticeTitle answer) {}

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private Made listing() {
        Map<String, List<String>> coins = new LinkedHashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        List<String> symbols = new ArrayList<>(SYMBOLS);
        Collections.shuffle(symbols, random);
        List<String> common = any(MARKETS);
        for (String symbol : symbols.subList(0, 1 + random.nextInt(4))) {
            coins.put(symbol, common);
            names.put(symbol, any(NAMES));
        }
        String announced = chance(50) ? "신규 거래지원 안내" : "디지털 자산 추가";
        String head = switch (random.nextInt(6)) {
            case 0 -> named(names) + " " + announced + blank() + "(" + markets(common) + ")";
            case 1 -> named(names) + " " + markets(common) + " " + announced;
            case 2 -> {
                coins.replaceAll((_, _) -> any(MARKETS));
                yield names.entrySet().stream()
                                .map(one -> one.getValue() + "(" + one.getKey() + ")" + blank() + "("
                                        + markets(coins.get(one.getKey())) + ")")
                                .collect(Collectors.joining(", "))
                        + " " + announced;
            }
            case 3 -> markets(common) + " " + announced + blank() + "(" + String.join(", ", coins.keySet()) + ")";
            case 4 ->
                markets(common) + " " + any(List.of("신규 상장", "디지털 자산 추가", "코인 추가")) + " ("
                        + names.entrySet().stream()
                                .map(one -> one.getValue() + " " + one.getKey())
                                .collect(Collectors.joining(", "))
                        + ")";
            default -> named(names) + " " + markets(common) + " 오픈" + (chance(50) ? " 안내" : "");
        };
        return amended(head, coins);
    }

    private Made amended(String head, Map<String, List<String>> coins) {
        StringBuilder title = new StringBuilder(chance(30) ? "[거래] " : "").append(head);
        Kind kind = Kind.LISTING;
        for (int i = random.nextInt(4); i > 0; i--) {
            List<String> some = new ArrayList<>(coins.keySet());
            String one = some.isEmpty() ? "" : any(some);
            title.append(blank());
            switch (random.nextInt(4)) {
                case 0 -> {
                    title.append("(")
                            .append(chance(50) && !one.isEmpty() ? one + " " : "")
                            .append("거래지원 개시 시점 ")
                            .append(any(List.of("변경", "연기", "추가 변경")))
                            .append(" 안내)");
                    kind = Kind.POSTPONED;
                }
                case 1 -> {
                    if (coins.size() > 1) {
                        title.append("(")
                                .append(chance(50) ? "이름(" + one + ")" : one)
                                .append(" 거래지원 취소 안내)");
                        coins.remove(one);
                    }
                }
                default -> title.append(any(HARMLESS));
            }
        }
        List<Coin> listings = coins.entrySet().stream()
                .map(coin -> new Coin(coin.getKey(), coin.getValue()))
                .toList();
        return new Made(spaced(title.toString()), new NoticeTitle(kind, listings, false));
    }

    private static String named(Map<String, String> names) {
        return names.entrySet().stream()
                .map(one -> one.getValue() + "(" + one.getKey() + ")")
                .collect(Collectors.joining(", "));
    }

    private String markets(List<String> quotes) {
        List<String> written = quotes.stream()
                .map(quote -> quote.equals("KRW") && chance(20) ? "원화" : quote)
                .toList();
        return String.join(any(List.of(", ", ", ", ", ", ",", "·", "/", " 및 ")), written) + (chance(80) ? " 마켓" : "마켓");
    }

    private String blank() {
        return chance(80) ? " " : "";
    }

    private String spaced(String title) {
        StringBuilder spaced = new StringBuilder();
        for (int i = 0; i < title.length(); i++) {
            char c = title.charAt(i);
            spaced.append(c).append(c == ' ' && chance(5) ? any(List.of(" ", "\u00a0", "\t", "  ")) : "");
        }
        return chance(10) ? " " + spaced + " " : spaced.toString();
    }

    /// Those that quote a listing.
    private Made other() {
        Made quoted = listing();
        String coin = any(NAMES) + "(" + any(SYMBOLS) + ")";
        return switch (random.nextInt(6)) {
            case 0 -> new Made("[이벤트] " + quoted.title(), no(Kind.EVENT));
            case 1 ->
                new Made(
                        coin + " " + markets(any(MARKETS)) + " 거래지원 종료 안내" + blank() + "(9/14 15:00)",
                        no(Kind.DELISTING));
            case 2 -> new Made(coin + "  거래 유의 종목 지정 " + any(List.of("", "해제 ", "기간 연장 ")) + "안내", no(Kind.CAUTION));
            case 3 -> new Made("신규 거래지원 " + coin + " 입출금 일시 중단 안내 (완료)", no(Kind.WALLET));
            case 4 -> new Made(coin + " 거래지원 기념, " + markets(any(MARKETS)) + " TOP 트레이딩 (이벤트 종료)", no(Kind.EVENT));
            default -> new Made(coin + " 리브랜딩에 따른 입출금 및 거래 지원 일시 중단 안내", no(Kind.RENAME));
        };
    }

    private static NoticeTitle no(Kind kind) {
        return new NoticeTitle(kind, List.of(), false);
    }

    @Test
    void ten_thousand_titles_of_the_grammar_are_read_as_they_were_meant() {
        for (int i = 0; i < 10_000; i++) {
            Made made = chance(75) ? listing() : other();
            assertThat(NoticeTitle.parse(made.title())).as(made.title()).isEqualTo(made.answer());
        }
    }

    @Test
    void whatever_happens_to_a_title_it_is_read_or_left_to_a_person() {
        String bits = "()[]{}（）,·/:;|& \t\n\u0000\u200b\u202e\ud83d\udc00\uffff%<>\"'\\ＡA0마켓원화취소변경안내이벤트KRW";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder title = new StringBuilder(listing().title());
            for (int changes = 1 + random.nextInt(8); changes > 0 && !title.isEmpty(); changes--) {
                int at = random.nextInt(title.length());
                switch (random.nextInt(4)) {
                    case 0 -> title.deleteCharAt(at);
                    case 1 -> title.insert(at, bits.charAt(random.nextInt(bits.length())));
                    case 2 -> title.setCharAt(at, bits.charAt(random.nextInt(bits.length())));
                    default -> title.insert(at, title.substring(at, Math.min(title.length(), at + random.nextInt(30))));
                }
            }
            NoticeTitle read = NoticeTitle.parse(title.toString(), chance(50) ? "" : "거래");
            boolean announces = read.kind() == Kind.LISTING || read.kind() == Kind.POSTPONED;
            assertThat(read.listings()).as(title.toString()).allMatch(coin -> Listing.isCoin(coin.symbol()));
            assertThat(read.listings().isEmpty() || announces)
                    .as(title.toString())
                    .isTrue();
            assertThat(read.unclear()
                            || read.listings().stream()
                                    .noneMatch(coin -> coin.markets().isEmpty()))
                    .as(title.toString())
                    .isTrue();
        }
    }
}
