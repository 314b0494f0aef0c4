/* The bare driver: fetches row by row without storing the result, and looks at every value. */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    MYSQL *db = mysql_init(0);
    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(db, "127.0.0.1", argv[2], argv[3], 0, atoi(argv[1]), 0, 0) ||
        mysql_query(db, argv[4]))
        return fprintf(stderr, "%s\n", mysql_error(db)), 1;
    MYSQL_RES *result = mysql_use_result(db);
    unsigned columns = mysql_num_fields(result);
    unsigned long rows = 0, bytes = 0;
    MYSQL_ROW row;
    while ((row = mysql_fetch_row(result))) {
        unsigned long *lengths = mysql_fetch_lengths(result);
        for (unsigned i = 0; i < columns; i++) {
            if (row[i]) bytes += lengths[i];
        }
        rows++;
    }
    printf("%lu rows, %lu bytes\n", rows, bytes);
    mysql_free_result(result);
    mysql_close(db);
    return 0;
}
