/* The bare driver: steps over the rows and looks at every value, no more. */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv) {
    sqlite3 *db;
    sqlite3_stmt *stmt;
    if (argc != 3 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, 0)) return 2;
    if (sqlite3_prepare_v2(db, argv[2], -1, &stmt, 0)) return fprintf(stderr, "%s\n", sqlite3_errmsg(db)), 1;
    int columns = sqlite3_column_count(stmt);
    unsigned long rows = 0, bytes = 0;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++) {
            if (sqlite3_column_text(stmt, i)) bytes += sqlite3_column_bytes(stmt, i);
        }
        rows++;
    }
    sqlite3_finalize(stmt);
    printf("%lu rows, %lu bytes\n", rows, bytes);
    return sqlite3_close(db);
}
