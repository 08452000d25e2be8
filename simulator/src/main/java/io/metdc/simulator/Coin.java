package io.metdc.simulator;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The coins that are traded: well-known names first, in the order of their popularity, then invented ones.
///
/// @param name  as the world calls it
/// @param price in US dollars, roughly that of 2026
record Coin(String name, String price) {
    /// Its price has twelve decimals.
    static final String TINY_PRICE = "NANO";
    /// Its sizes have twenty digits.
    static final String HUGE_SIZE = "GIGA";
    /// Its name is not ASCII.
    static final String UNICODE = "币安人生";

    private static final List<Coin> KNOWN = List.of(
            new Coin("BTC", "83034.29"),
            new Coin("ETH", "3117.25"),
            new Coin("SOL", "185.42"),
            new Coin("XRP", "2.4113"),
            new Coin(TINY_PRICE, "0.000000003217"),
            new Coin("DOGE", "0.21437"),
            new Coin("BNB", "628.90"),
            new Coin(HUGE_SIZE, "0.000000000411"),
            new Coin(UNICODE, "0.15210"),
            new Coin("ADA", "0.6620"),
            new Coin("PEPE", "0.0000044478"),
            new Coin("AVAX", "24.310"),
            new Coin("LINK", "16.874"),
            new Coin("SHIB", "0.0000098712"),
            new Coin("TRX", "0.27110"),
            new Coin("SUI", "2.9015"),
            new Coin("1INCH", "0.21450"),
            new Coin("1000SATS", "0.000034120"),
            new Coin("LTC", "96.120"),
            new Coin("DOT", "3.8140"),
            new Coin("JUP", "0.41200"),
            new Coin("UNI", "7.2210"),
            new Coin("NEAR", "2.3310"),
            new Coin("APT", "4.4520"),
            new Coin("ARB", "0.33410"),
            new Coin("OP", "0.57120"),
            new Coin("SYRUP", "0.38150"),
            new Coin("ATOM", "3.9120"),
            new Coin("FIL", "2.1140"),
            new Coin("ICP", "4.7820"),
            new Coin("XLM", "0.28410"),
            new Coin("HBAR", "0.17730"),
            new Coin("INJ", "9.8810"),
            new Coin("AAVE", "231.44"),
            new Coin("BONK", "0.000017412"),
            new Coin("FLOKI", "0.000084120"),
            new Coin("ENA", "0.44120"),
            new Coin("SEI", "0.19870"),
            new Coin("2Z", "0.31240"),
            new Coin("0G", "1.8420"),
            new Coin("TIA", "1.1240"),
            new Coin("WLD", "0.91240"),
            new Coin("RENDER", "2.6410"),
            new Coin("ONDO", "0.77140"),
            new Coin("PAXG", "4087.6"),
            new Coin("USDC", "0.99985"));

    private static final int LETTERS = 26;
    /// A to Z and 0 to 9 as they are said.
    private static final List<String> SPELLED = List.of(
            ("에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트" + " 제로 원 투 쓰리 포 파이브 식스 세븐 에잇 나인")
                    .split(" ", -1));
    /// Behind so many others come the coins that are to be listed: popular enough to print all the time.
    private static final int BEFORE_LISTED = 5;

    /// A name that means something else on the simulated exchanges.
    static boolean isTaken(String name) {
        return Set.of("BTC", "XBT", "USDT", "GALA", "GALAX", TINY_PRICE, HUGE_SIZE)
                .contains(name);
    }

    /// What trades, the most popular first: the coins that are to be listed among the others.
    static List<Coin> traded(SimulatorOptions options) {
        List<String> listing = options.listing();
        List<Coin> coins = new ArrayList<>();
        for (int rank = 0; coins.size() < options.instruments() - listing.size(); rank++) {
            Coin coin = ranked(rank);
            if (!listing.contains(coin.name())) {
                coins.add(coin);
            }
        }
        int before = Math.clamp(coins.size() - 1L, 0, BEFORE_LISTED);
        coins.addAll(
                before,
                listing.stream().map(name -> listed(name, options.seed())).toList());
        return coins;
    }

    /// The coin of this name: a well-known one, or one that costs from 0.3 to 3 dollars.
    static Coin named(String name, long seed) {
        return KNOWN.stream()
                .filter(coin -> coin.name().equals(name))
                .findFirst()
                .orElseGet(() -> listed(name, seed));
    }

    /// A price that no exchange multiplies: from 0.3 to 3 dollars.
    private static Coin listed(String name, long seed) {
        int price = 3_000 + (int) Math.floorMod(SplitMix.seed(seed, name + "/price"), 27_000L);
        return new Coin(name, BigDecimal.valueOf(price, 4).toPlainString());
    }

    /// The name of a coin as Korean writes it: spelled out.
    static String korean(String name) {
        StringBuilder korean = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char sign = name.charAt(i);
            if (sign >= 'A' && sign <= 'Z') {
                korean.append(SPELLED.get(sign - 'A'));
            } else if (sign >= '0' && sign <= '9') {
                korean.append(SPELLED.get(LETTERS + sign - '0'));
            } else {
                korean.append(sign);
            }
        }
        return korean.toString();
    }

    /// @param rank from 0, the most popular
    static Coin ranked(int rank) {
        if (rank < KNOWN.size()) {
            return KNOWN.get(rank);
        }
        int number = rank - KNOWN.size();
        return new Coin(invented('Z', number), "0." + (1000 + number * 37 % 9000));
    }

    /// A name of four letters that begins with this one.
    static String invented(char first, int number) {
        char[] name = {first, 'A', 'A', 'A'};
        for (int i = 3, left = number; i > 0; i--, left /= LETTERS) {
            name[i] = (char) ('A' + left % LETTERS);
        }
        return new String(name);
    }
}
