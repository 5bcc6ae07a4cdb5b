// Drafts kept in the phone (IndexedDB) until the server has them: {draft_key, told, photo, state, why, key, at}.
const open = () => new Promise((done, failed) => {
  const asked = indexedDB.open("yike-drafts", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "draft_key" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function on(mode, act) {
  const base = await open();
  try {
    return await new Promise((done, failed) => {
      const asked = act(base.transaction("drafts", mode).objectStore("drafts"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally { base.close(); }
}

export const keep = (draft) => on("readwrite", (store) => store.put(draft));
export const drop = (key) => on("readwrite", (store) => store.delete(key));
export const all = async () => (await on("readonly", (store) => store.getAll())).sort((a, b) => b.at - a.at);
export const draftKey = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
