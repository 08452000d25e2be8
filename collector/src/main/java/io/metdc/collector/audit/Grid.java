package io.metdc.collector.audit;

import io.metdc.collector.query.Table;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Columns side by side, with lines of text between them: names to the left, then numbers to the right. A last one of
/// text goes to the left, too, and gives way.
final class Grid {
    private final int columns;
    private final int names;
    private final boolean endsWithText;
    private final List<Line> lines = new ArrayList<>();

    /// What stands below each other.
    private sealed interface Line {
        record Cells(List<String> cells, UnaryOperator<String> paint) implements Line {}

        record Text(String text) implements Line {}
    }

    /// A grid.
    ///
    /// @param columns how wide a line may be; columns move together where it would be wider
    /// @param names   how many columns are names
    Grid(int columns, int names, boolean endsWithText) {
        this.columns = columns;
        this.names = names;
        this.endsWithText = endsWithText;
    }

    void row(String... cells) {
        row(UnaryOperator.identity(), cells);
    }

    /// A row.
    ///
    /// @param paint colours its last cell
    void row(UnaryOperator<String> paint, String... cells) {
        lines.add(new Line.Cells(List.of(cells), paint));
    }

    void text(String text) {
        lines.add(new Line.Text(text));
    }

    void print(PrintStream out) {
        List<Integer> widths = new ArrayList<>();
        for (Line line : lines) {
            if (line instanceof Line.Cells row) {
                List<String> cells = row.cells;
                for (int i = 0; i < cells.size(); i++) {
                    if (i == widths.size()) {
                        widths.add(0);
                    }
                    widths.set(i, Math.max(widths.get(i), Table.width(cells.get(i))));
                }
            }
        }
        int total = widths.stream().mapToInt(width -> width + 2).sum() - 2;
        String gap = total > columns ? " " : "  ";
        for (Line line : lines) {
            out.println(
                    switch (line) {
                        case Line.Cells row -> row(row, widths, gap);
                        case Line.Text(String text) -> text;
                    });
        }
    }

    private String row(Line.Cells row, List<Integer> widths, String gap) {
        StringBuilder line = new StringBuilder();
        int last = row.cells.size() - 1;
        int before = 0;
        for (int i = 0; i <= last; i++) {
            String cell = row.cells.get(i);
            line.append(i == 0 ? "" : gap);
            if (endsWithText && i == widths.size() - 1) {
                line.append(row.paint.apply(Table.cut(cell, columns - before)));
                break;
            }
            before += widths.get(i) + gap.length();
            String padding = " ".repeat(widths.get(i) - Table.width(cell));
            String shown = i == last ? row.paint.apply(cell) : cell;
            line.append(i < names ? shown + padding : padding + shown);
        }
        return line.toString().stripTrailing();
    }
}
