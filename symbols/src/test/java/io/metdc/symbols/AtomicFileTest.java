package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    @Test
    void what_cannot_be_put_in_its_place_is_not_left_beside_it() throws Exception {
        Path file = folder.resolve("state.json");
        Files.createDirectories(file.resolve("in the way"));

        assertThatThrownBy(() -> AtomicFile.write(file, new byte[1_000])).isInstanceOf(IOException.class);

        assertThat(folder).isDirectoryNotContaining("glob:**.new");
        assertThat(file.resolve("in the way")).exists();
    }
}
