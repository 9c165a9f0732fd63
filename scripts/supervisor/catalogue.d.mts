export function splitStatements(sql: string): string[];
