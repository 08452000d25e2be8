package io.metdc.listings.watch;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/// A title taken apart: leading tags, the text outside of parentheses, and the parentheses of the first level.
///
/// `[거래] 엑스알피(리플)(XRP) KRW 마켓 디지털 자산 추가 (거래지원 개시 시점 변경 안내)` has the tag `거래`, the text
/// `엑스알피 KRW 마켓 디지털 자산 추가 ` and three groups, the first two of them at the same place.
///
/// @param whole   all of it on one line, single blanks, no invisible characters
/// @param tags    what stands in brackets at its beginning
/// @param outside what is neither in tags nor in parentheses, with a blank for each of those
/// @param groups  in order
record TitleText(String whole, String tags, String outside, List<Group> groups) {
    /// No title has as much; whoever sends more is not read any further.
    static final int LONGEST = 4_000;

    /// What stands in parentheses.
    ///
    /// @param at   where in the text outside it stands: what precedes it there ends before this index
    /// @param text without the parentheses, but with those in it
    record Group(int at, String text) {}

    TitleText {
        groups = List.copyOf(groups);
    }

    static TitleText of(String title) {
        String line = onOneLine(title);
        if (line.length() > LONGEST) {
            return new TitleText(line, "", "", List.of());
        }
        String whole = Normalizer.normalize(line, Normalizer.Form.NFC); // some systems write Hangul letter by letter
        StringBuilder tags = new StringBuilder();
        String rest = whole;
        while (rest.startsWith("[") && rest.indexOf(']') > 0) {
            int end = rest.indexOf(']');
            tags.append(rest, 1, end).append(' ');
            rest = rest.substring(end + 1).strip();
        }
        return inParts(whole, tags.toString().strip(), rest.replace('[', '(').replace(']', ')'));
    }

    boolean isTooLong() {
        return whole.length() > LONGEST;
    }

    /// Blanks of all kinds become single ones, wide punctuation narrow; what nobody can see is left out.
    ///
    /// @return of a title that is too long no more than that shows it
    static String onOneLine(String title) {
        StringBuilder line = new StringBuilder(Math.min(title.length(), LONGEST + 1));
        for (int i = 0; i < title.length() && line.length() <= LONGEST; i++) {
            char c = title.charAt(i);
            if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                blank(line);
            } else if (Character.getType(c) != Character.FORMAT) {
                line.append(narrow(c));
            }
        }
        return line.length() > LONGEST ? line.toString() : line.toString().strip();
    }

    private static char narrow(char c) {
        return switch (c) {
            case '（', '｛' -> '(';
            case '）', '｝' -> ')';
            case '［', '【', '〔' -> '[';
            case '］', '】', '〕' -> ']';
            case '，', '、', '､' -> ',';
            case '／' -> '/';
            case '：' -> ':';
            case '％' -> '%';
            case '＆' -> '&';
            case 'ㆍ', '・', '･', '‧', '•', '∙' -> '·';
            default -> c;
        };
    }

    private static void blank(StringBuilder text) {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ' ') {
            text.append(' ');
        }
    }

    private static TitleText inParts(String whole, String tags, String head) {
        StringBuilder outside = new StringBuilder(head.length());
        List<Group> groups = new ArrayList<>();
        StringBuilder group = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < head.length(); i++) {
            char c = head.charAt(i);
            if (c == ')' && depth == 1) {
                groups.add(group(outside, group));
                depth = 0;
            } else if (depth > 0) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                group.append(c);
            } else if (c == '(') {
                blank(outside);
                depth = 1;
            } else if (c == ')' || c == ' ') {
                blank(outside);
            } else {
                outside.append(c);
            }
        }
        if (depth > 0) {
            groups.add(group(outside, group)); // nobody closed it
        }
        return new TitleText(whole, tags, outside.toString(), groups);
    }

    private static Group group(StringBuilder outside, StringBuilder written) {
        String text = written.toString().strip();
        written.setLength(0);
        while (text.startsWith("(") && text.indexOf(')') == text.length() - 1) {
            text = text.substring(1, text.length() - 1).strip(); // doubled
        }
        return new Group(outside.length(), text);
    }
}
