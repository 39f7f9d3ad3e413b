/** merge library and cinema */
export const revision = 'a7d20c4e9b13'
export const downRevision = ['8c1f5a0b7d2e', '5b9e3d61f0a4']

/** A merge joins branches; it has nothing to run. */
export async function up(): Promise<void> {}

export async function down(): Promise<void> {}
