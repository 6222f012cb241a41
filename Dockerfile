# One image for both processes: `node src/app.ts` (the default) and `node src/worker.ts`.
FROM node:24-bookworm-slim

# git reads repositories; the certificates are for git, which does not use Node's own.
RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/node/package.json ./tools/node/
RUN npm ci --omit=dev
COPY app.yml ./
COPY src ./src

ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
EXPOSE 3000
# Mirrors of repositories, and the certificates that git is told of.
RUN mkdir .data && chown node:node .data
USER node
CMD ["node", "src/app.ts"]
