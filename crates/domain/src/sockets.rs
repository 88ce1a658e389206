//! What goes on over a socket ends with it. Who writes to one is the realtime crate's affair.

use std::sync::Arc;

use crate::{Chat, SocketId, typing};

/// An open socket. However the serving of it ends, by a panic too, dropping this ends what its person was doing over it.
pub struct Open {
    chat: Arc<Chat>,
    id: SocketId,
}

/// The socket stands.
pub fn open(chat: &Arc<Chat>, id: SocketId) -> Open {
    Open { chat: chat.clone(), id }
}

impl Drop for Open {
    fn drop(&mut self) {
        typing::end(&self.chat, self.id);
    }
}
