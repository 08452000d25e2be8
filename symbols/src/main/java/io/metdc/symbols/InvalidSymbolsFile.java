package io.metdc.symbols;

import java.nio.file.Path;

/// A file of symbols that cannot be used. The message names file and line, what is wrong, and the way out.
public final class InvalidSymbolsFile extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param line from 1; 0 when it is about the file as a whole
    InvalidSymbolsFile(Path file, int line, String what) {
        super(file + (line > 0 ? ":" + line : "") + ": " + what
                + "; mend it, or move the file away: `metdc symbols update` writes a new one");
    }
}
