package io.metdc.collector.query;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer for people: columns side by side, numbers to the right, text that is too wide cut with `…`,
/// the number of rows at the end. The widths are those of the first [#SAMPLE] rows, so that an answer of
/// any length takes little memory.
public final class Table implements Answer {
    static final int SAMPLE = 1_000;

    private static final String GAP = "  ";
    private static final int NARROWEST = 8;

    private final Appendable out;
    private final int columns;

    private List<Column> heading = List.of();
    private final List<List<@Nullable String>> sample = new ArrayList<>();
    private int[] widths = {};
    private boolean printing;
    private long rows;

    /// A table.
    ///
    /// @param columns how wide a line may be
    public Table(Appendable out, int columns) {
        this.out = out;
        this.columns = columns;
    }

    @Override
    public void begin(List<Column> columns) {
        heading = List.copyOf(columns);
    }

    @Override
    public void row(List<@Nullable String> values) throws IOException {
        rows++;
        if (printing) {
            print(values);
            return;
        }
        sample.add(values);
        if (sample.size() == SAMPLE) {
            printSample();
        }
    }

    @Override
    public void end() throws IOException {
        if (!printing) {
            printSample();
        }
        boolean times = heading.stream().anyMatch(column -> column.kind() == Column.Kind.TIME);
        out.append(rows == 1 ? "1 row" : rows + " rows").append(times ? ", times in UTC\n" : "\n");
    }

    private void printSample() throws IOException {
        printing = true;
        widths = fitted();
        List<@Nullable String> names = new ArrayList<>();
        List<@Nullable String> rules = new ArrayList<>();
        for (int i = 0; i < heading.size(); i++) {
            names.add(heading.get(i).name());
            rules.add("─".repeat(widths[i]));
        }
        print(names);
        print(rules);
        for (List<@Nullable String> values : sample) {
            print(values);
        }
        sample.clear();
    }

    /// The widest columns of text give way until a line fits; numbers and times are never cut.
    private int[] fitted() {
        int[] wanted = new int[heading.size()];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = width(clean(heading.get(i).name()));
            for (List<@Nullable String> values : sample) {
                String value = values.get(i);
                wanted[i] = Math.max(wanted[i], value == null ? 0 : width(shown(value, heading.get(i))));
            }
        }
        long total = GAP.length() * Math.max(0, wanted.length - 1L);
        for (int width : wanted) {
            total += width;
        }
        while (total > columns) {
            int widest = -1;
            for (int i = 0; i < wanted.length; i++) {
                if (isText(i) && wanted[i] > NARROWEST && (widest < 0 || wanted[i] > wanted[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                break;
            }
            wanted[widest]--;
            total--;
        }
        return wanted;
    }

    private boolean isText(int i) {
        Column.Kind kind = heading.get(i).kind();
        return kind == Column.Kind.TEXT || kind == Column.Kind.JSON;
    }

    private void print(List<@Nullable String> values) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            line.append(i == 0 ? "" : GAP);
            String value = values.get(i);
            String text = value == null ? "" : fitting(shown(value, heading.get(i)), i);
            String padding = " ".repeat(Math.max(0, widths[i] - width(text)));
            if (heading.get(i).kind() == Column.Kind.NUMBER) {
                line.append(padding).append(text);
            } else {
                line.append(text).append(padding);
            }
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static String shown(String value, Column column) {
        return column.kind() == Column.Kind.TIME ? clean(value.replace('T', ' ').replace("Z", "")) : clean(value);
    }

    /// Without what would move the cursor or colour the terminal.
    public static String clean(String text) {
        return text.codePoints().anyMatch(Character::isISOControl)
                ? text.replaceAll("[\\p{Cntrl}\u0080-\u009f]+", " ")
                : text;
    }

    private String fitting(String text, int column) {
        return isText(column) ? cut(text, widths[column]) : text;
    }

    /// A text in so many columns of a terminal, with `…` where it is wider.
    public static String cut(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int used = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            used += width(c);
            if (used > width - 1) {
                break;
            }
            kept.appendCodePoint(c);
            i += Character.charCount(c);
        }
        return kept.append('…').toString();
    }

    /// How many columns of a terminal a text takes.
    public static int width(String text) {
        return text.codePoints().map(Table::width).sum();
    }

    /// How many columns of a terminal a character takes: East Asian ones take two.
    private static int width(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default ->
                (c >= 0x1100 && c <= 0x115f)
                                || (c >= 0x2e80 && c <= 0xa4cf)
                                || (c >= 0xac00 && c <= 0xd7a3)
                                || (c >= 0xf900 && c <= 0xfaff)
                                || (c >= 0xfe30 && c <= 0xfe6f)
                                || (c >= 0xff00 && c <= 0xff60)
                                || (c >= 0x1f300 && c <= 0x1faff)
                                || (c >= 0x20000 && c <= 0x3fffd)
                        ? 2
                        : 1;
        };
    }
}
