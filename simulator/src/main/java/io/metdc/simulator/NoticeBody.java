package io.metdc.simulator;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What stands under the title of a notice: of a listing, a table of its coins with markets, network and opening.
///
/// @param opensAt when trading begins; null: to be announced
/// @param tables  coins that stand in the table with other markets than in the title
record NoticeBody(String title, @Nullable Instant opensAt, Map<String, String> tables) {
    static final ZoneOffset KST = ZoneOffset.ofHours(9);

    private static final String MARKETS = "(?:KRW|BTC|USDT|원화)(?:, (?:KRW|BTC|USDT|원화))*";
    private static final Pattern MARKET_LIST = Pattern.compile("(" + MARKETS + ") 마켓");
    private static final Pattern COIN = Pattern.compile(
            "([^\\s,()\\[\\]]+(?:\\([^()A-Z]+\\))?)\\(([A-Z0-9]{1,12})\\)(?:\\((" + MARKETS + ") 마켓\\))?");
    private static final Pattern BARE = Pattern.compile("\\(([A-Z0-9]{1,12}(?:, [A-Z0-9]{1,12})*)\\)");
    private static final String OPENING = "거래지원 개시 시점";
    private static final String INTRODUCTION = "안녕하세요. 가장 신뢰받는 글로벌 표준 디지털 자산 거래소 업비트입니다.";

    private record Row(String coin, String markets, String network) {}

    private List<Row> rows() {
        boolean isListing = title.contains("신규 거래지원 안내") || title.contains("디지털 자산 추가");
        Matcher list = MARKET_LIST.matcher(title);
        if (!isListing || !list.find()) {
            return List.of();
        }
        String markets = list.group(1);
        List<Row> rows = new ArrayList<>();
        for (MatchResult coin : COIN.matcher(title).results().toList()) {
            String own = coin.group(3);
            String titled = own == null ? markets : own;
            rows.add(new Row(
                    coin.group(1) + "(" + coin.group(2) + ")", tables.getOrDefault(coin.group(2), titled), "Ethereum"));
        }
        Matcher bare = BARE.matcher(title);
        if (rows.isEmpty() && bare.find()) {
            for (String coin : bare.group(1).split(", ", -1)) {
                rows.add(new Row(coin, tables.getOrDefault(coin, markets), "Ethereum"));
            }
        }
        return rows;
    }

    /// As in the month of the notice, without a year: `10월 6일 20시 45분 예정`.
    private String opening() {
        if (opensAt == null) {
            return "추후 공지 예정";
        }
        ZonedDateTime at = opensAt.atZone(KST);
        return at.getMonthValue() + "월 " + at.getDayOfMonth() + "일 " + at.getHour() + "시 "
                + (at.getMinute() == 0 ? "" : at.getMinute() + "분 ") + "예정";
    }

    /// As the web site has it: an HTML table in Markdown, lines that end in CR LF.
    String html() {
        StringBuilder text = new StringBuilder(INTRODUCTION).append("\n\n### ").append(escaped(title));
        List<Row> rows = rows();
        if (!rows.isEmpty()) {
            text.append("\n\n<table>\n<thead>\n<tr><th>디지털 자산</th><th>마켓</th><th>네트워크</th><th>")
                    .append(OPENING)
                    .append("</th></tr>\n</thead>\n<tbody>\n");
            for (Row row : rows) {
                text.append("<tr><td>").append(escaped(row.coin())).append("</td><td>");
                text.append(row.markets()).append("</td><td>").append(row.network());
                text.append("</td><td>").append(opening()).append("</td></tr>\n");
            }
            text.append("</tbody>\n</table>\n\n").append(rules());
        }
        return text.append("\n").toString().replace("\n", "\r\n");
    }

    /// As it is pushed.
    String markdown() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        List<Row> rows = rows();
        if (!rows.isEmpty()) {
            text.append("\n\n|디지털 자산|마켓|네트워크|").append(OPENING).append("|\n|---|---|---|---|");
            for (Row row : rows) {
                text.append("\n|").append(row.coin()).append('|').append(row.markets());
                text.append('|')
                        .append(row.network())
                        .append('|')
                        .append(opening())
                        .append('|');
            }
            text.append("\n\n").append(rules());
        }
        return text.toString();
    }

    private static String rules() {
        return "* 거래지원 개시 시점부터 약 5분간 매수 주문이 제한됩니다.\n* 거래지원 개시 시점부터 약 2시간 동안 지정가 주문만 가능합니다.";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
